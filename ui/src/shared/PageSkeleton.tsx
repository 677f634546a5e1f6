// A page before its first answer: where its heading and its list will be.
import { Page, Panel } from "./Panel";
import { Skeleton, SkeletonRows } from "./Placeholder";

export function PageSkeleton() {
  return (
    <Page title={<Skeleton width={220} height={20} />}>
      <Panel isFlush>
        <SkeletonRows />
      </Panel>
    </Page>
  );
}
