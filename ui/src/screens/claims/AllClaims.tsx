// Raw claims of every run of a client, newest first, page by page from the server.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { claimsQuery } from "../../api/queries";
import type { Claim } from "../../api/types";
import { useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { Button } from "../../shared/Button";
import { Panel } from "../../shared/Panel";
import { Loaded } from "../../shared/Placeholder";
import type { ClaimChoice } from "./filters";
import { RawTable } from "./RawTable";
import styles from "./Claims.module.css";

export function AllClaims({ clientId, choice, onClear }: { clientId: string; choice: ClaimChoice; onClear: () => void }) {
  const key = JSON.stringify(choice);
  return <Pages key={key} clientId={clientId} choice={choice} onClear={onClear} />;
}

function Pages({ clientId, choice, onClear }: { clientId: string; choice: ClaimChoice; onClear: () => void }) {
  const [cursors, setCursors] = useState<string[]>([]);
  const cursor = cursors.at(-1) ?? null;
  const query = useQuery(
    claimsQuery(
      {
        client_id: clientId,
        claim_type: choice.type,
        source_tier: choice.tier,
        confidence: choice.confidence,
        section: choice.section,
        step: choice.step,
        is_supported: choice.support ? choice.support === "yes" : undefined,
        search: choice.search,
      },
      cursor,
    ),
  );
  const go = useGo();
  const open = (claim: Claim) => go(`${paths.claims(clientId, claim.run_id)}&tab=raw&claim=${claim.claim_id}`);
  return (
    <Panel isFlush>
      <Loaded query={query} doing="load the claims">
        {({ data, next_cursor: next }) => (
          <>
            <RawTable claims={data} onOpen={open} onClear={onClear} />
            {(next || cursors.length > 0) && (
              <div className={styles.pager}>
                <Button disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))}>
                  Newer
                </Button>
                <Button disabled={!next} onClick={() => next && setCursors([...cursors, next])}>
                  Older
                </Button>
              </div>
            )}
          </>
        )}
      </Loaded>
    </Panel>
  );
}
