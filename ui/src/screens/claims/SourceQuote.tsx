// The verbatim words a claim rests on, where they come from, and on request the page around them.
import { useQuery } from "@tanstack/react-query";
import { ChevronDown, ExternalLink } from "lucide-react";
import { useState } from "react";
import { quoteQuery } from "../../api/queries";
import type { SourceRef } from "../../api/types";
import { Skeleton } from "../../shared/Placeholder";
import { InlineError } from "../../shared/Placeholder";
import { Timestamp } from "../../shared/Time";
import { TierBadge, UnsupportedMark } from "./ClaimMarks";
import styles from "./Claims.module.css";

interface Props {
  source: Pick<SourceRef, "url" | "name" | "tier" | "quote" | "source_id" | "start" | "end" | "is_supported">;
}

export function SourceQuote({ source }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  const { source_id: id, start, end } = source;
  const isInPage = id !== null && start !== null && end !== null;
  return (
    <figure className={styles.quote}>
      {source.quote && <blockquote>“{source.quote}”</blockquote>}
      <figcaption>
        <SourceLink url={source.url} name={source.name} />
        <TierBadge tier={source.tier} />
        {!source.is_supported && <UnsupportedMark />}
        {isInPage && (
          <button type="button" className={styles.inPage} aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
            In its page
            <ChevronDown size={13} aria-hidden />
          </button>
        )}
      </figcaption>
      {isOpen && isInPage && <InPage sourceId={id} start={start} end={end} />}
    </figure>
  );
}

/** Only addresses of the web become links; they open apart and are not told where from. */
export function SourceLink({ url, name }: { url: string | null | undefined; name: string }) {
  if (!url || !/^https?:\/\//i.test(url)) return <span className={styles.source}>{name}</span>;
  return (
    <a className={styles.source} href={url} target="_blank" rel="noreferrer noopener" title={url}>
      {name}
      <ExternalLink size={12} aria-hidden />
      <span className="visually-hidden">(opens in a new tab)</span>
    </a>
  );
}

function InPage({ sourceId, start, end }: { sourceId: string; start: number; end: number }) {
  const query = useQuery(quoteQuery(sourceId, start, end));
  if (query.isError) return <InlineError error={query.error} />;
  if (!query.data) return <Skeleton height={64} />;
  const { before, quote, after, source } = query.data;
  return (
    <div className={styles.page} tabIndex={0} aria-label={`The page ${source.name} around the quote`}>
      <p>
        {before && "…"}
        {before}
        <mark>{quote}</mark>
        {after}
        {after && "…"}
      </p>
      <footer>
        Read <Timestamp at={source.fetched_at} />
        {source.published_on && <> · published {source.published_on}</>}
      </footer>
    </div>
  );
}
