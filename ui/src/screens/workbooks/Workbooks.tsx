// A client's workbooks and their summary.
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { clientQuery, workbooksQuery } from "../../api/queries";
import { useCrumbs } from "../../frame/crumbs";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useMay } from "../../frame/session";
import { useUrlState } from "../../frame/urlState";
import { Button } from "../../shared/Button";
import { SearchField } from "../../shared/Field";
import { Page } from "../../shared/Panel";
import { ErrorState } from "../../shared/Placeholder";
import { Tabs } from "../../shared/Tabs";
import { Summary } from "./Summary";
import { WorkbookList } from "./WorkbookList";

export function Workbooks() {
  const { clientId } = useParams({ from: "/inside/c/$clientId/workbooks" });
  const client = useQuery(clientQuery(clientId));
  const all = useQuery(workbooksQuery(clientId));
  const [tab, setTab] = useUrlState("tab", "workbooks");
  const [search, setSearch] = useUrlState("q");
  const mayBegin = useMay("plans.write");
  const go = useGo();
  useCrumbs([{ label: client.data?.name ?? "…", to: paths.workbooks(clientId) }, { label: tab === "summary" ? "Summary" : "Workbooks" }]);
  if (client.isError) return <ErrorState error={client.error} doing="open this client" onRetry={() => void client.refetch()} />;
  return (
    <Page
      title={client.data?.name ?? "…"}
      actions={
        mayBegin && all.data?.data.length !== 0 && (
          <Button look="primary" icon={Plus} onClick={() => go(paths.begin(clientId))}>
            Begin workbook
          </Button>
        )
      }
    >
      <Tabs
        value={tab}
        onChange={setTab}
        aside={tab === "workbooks" && all.data?.data.length !== 0 && <SearchField name="Search workbooks and tables" placeholder="Search workbooks and tables" width={240} value={search} onChange={setSearch} />}
        tabs={[
          { value: "workbooks", label: "Workbooks", count: all.data?.data.length, content: <WorkbookList clientId={clientId} search={search} /> },
          { value: "summary", label: "Summary", content: <Summary clientId={clientId} /> },
        ]}
      />
    </Page>
  );
}
