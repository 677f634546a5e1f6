// The table screen of a workbook.
export function TableScreen({ tableId }: { clientId: string; tableId: string }) {
  return <p>{tableId}</p>;
}
