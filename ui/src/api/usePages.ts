// A list that is read page by page, and one more page of it on demand.
import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { useEffect, useState } from "react";

/**
 * What "show more" asks for stays asked for: news of the list fetches the pages shown again, which drops the page
 * that was on its way, so that page is fetched once they are there. A failed page waits for the next press.
 */
export function usePages<Page>(query: UseInfiniteQueryResult<InfiniteData<Page>>): { isAdding: boolean; showMore: () => void } {
  const [wanted, setWanted] = useState(1);
  const shown = query.data?.pages.length ?? 0;
  const { hasNextPage, isFetching, isError, fetchNextPage } = query;
  const isAdding = shown > 0 && shown < wanted && hasNextPage && !isError;
  useEffect(() => {
    if (isAdding && !isFetching) void fetchNextPage();
  }, [isAdding, isFetching, fetchNextPage]);
  return {
    isAdding,
    showMore: () => {
      setWanted(shown + 1);
      void fetchNextPage();
    },
  };
}
