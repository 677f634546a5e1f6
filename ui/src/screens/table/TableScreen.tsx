// The table screen of a workbook: loads the table, and says so when it cannot be shown.
import { useQuery } from "@tanstack/react-query";
import { Columns3 } from "lucide-react";
import { tableQuery } from "../../api/queries";
import { useCrumbs } from "../../frame/crumbs";
import { paths } from "../../frame/paths";
import { EmptyState, ErrorState, Skeleton } from "../../shared/Placeholder";
import { useTableAddress } from "./address";
import styles from "./Table.module.css";
import { TableView } from "./TableView";

export function TableScreen({ clientId, tableId }: { clientId: string; tableId: string }) {
  const query = useQuery(tableQuery(tableId));
  const [address, setAddress] = useTableAddress();
  const table = query.data;
  useCrumbs([{ label: "Workbooks", to: paths.workbooks(clientId) }, table && { label: table.workbook_name }, table && { label: table.name }]);
  if (!table) {
    return query.isError ? <ErrorState error={query.error} doing="load the table" onRetry={() => void query.refetch()} /> : <Loading />;
  }
  const view = table.views.find((each) => each.id === address.view) ?? table.views[0];
  if (!view) return <EmptyState icon={Columns3} title="This table has no view">Views were deleted outside of this page. Reload it; a new one is made.</EmptyState>;
  return <TableView clientId={clientId} table={table} view={view} address={address} onAddress={setAddress} />;
}

function Loading() {
  return (
    <div className={styles.screen} role="status" aria-label="Loading the table">
      <div className={styles.loadingBar}>
        <Skeleton width={120} height={16} />
        <Skeleton width={70} height={16} />
        <Skeleton width={70} height={16} />
      </div>
      <div className={styles.loadingGrid}>
        {Array.from({ length: 18 }, (_, row) => (
          <div key={row}>
            {[22, 150, 110, 170, 90, 130].map((width, column) => (
              <Skeleton key={column} width={row === 0 ? width * 0.6 : width * (0.55 + ((row * 5 + column * 3) % 5) / 11)} height={9} />
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}
