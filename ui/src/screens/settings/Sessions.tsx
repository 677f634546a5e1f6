// Where you are signed in, and your password.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import { queryClient, sessionsQuery } from "../../api/queries";
import { Button } from "../../shared/Button";
import { TextField } from "../../shared/Field";
import { Panel } from "../../shared/Panel";
import { InlineError, Loaded } from "../../shared/Placeholder";
import { Table } from "../../shared/Table";
import { Ago } from "../../shared/Time";
import { toast, toastError } from "../../shared/Toast";
import { Intro } from "./Intro";
import styles from "./Settings.module.css";

export function Sessions() {
  const query = useQuery(sessionsQuery);
  const end = useMutation({
    mutationFn: (id: string) => api.delete(`/v3/sessions/${id}`),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["sessions"] }),
    onError: (error) => toastError("end the session", error),
  });
  return (
    <>
      <Intro title="Sessions">Where you are signed in. End what you do not know.</Intro>
      <Panel isFlush>
        <Loaded query={query} doing="load the sessions">
          {({ data }) => (
            <Table
              label="Sessions"
              rows={data}
              rowKey={(session) => session.id}
              columns={[
                { key: "where", heading: "Browser", cell: (session) => <><b style={{ fontWeight: 500 }}>{session.user_agent ?? "Unknown browser"}</b> {session.is_current && <span className="faint">this one</span>}<br /><span className="muted">{session.address ?? "address unknown"}</span></> },
                { key: "since", heading: "Signed in", width: 130, cell: (session) => <Ago at={session.created_at} /> },
                { key: "seen", heading: "Last seen", width: 130, cell: (session) => <Ago at={session.last_seen_at} /> },
                { key: "act", heading: "", width: 80, isNumeric: true, cell: (session) => !session.is_current && <Button size="small" look="danger" onClick={() => end.mutate(session.id)}>End</Button> },
              ]}
            />
          )}
        </Loaded>
      </Panel>
      <Password />
    </>
  );
}

function Password() {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const change = useMutation({
    mutationFn: () => api.post("/v3/session/password", { current, new: next }),
    onSuccess: () => {
      setCurrent("");
      setNext("");
      toast({ tone: "done", title: "Password changed", body: "Your other sessions have ended." });
      void queryClient.invalidateQueries({ queryKey: ["sessions"] });
    },
  });
  return (
    <Panel title="Password" hint="Changing it ends your other sessions.">
      <form className={styles.form} style={{ maxWidth: 380 }} onSubmit={(event) => { event.preventDefault(); change.mutate(); }}>
        <TextField label="Current password" type="password" autoComplete="current-password" required value={current} onChange={setCurrent} />
        <TextField label="New password" type="password" autoComplete="new-password" required minLength={12} value={next} onChange={setNext} hint="At least 12 characters." />
        <InlineError error={change.error} />
        <div>
          <Button type="submit" isBusy={change.isPending} disabled={!current || next.length < 12}>
            Change password
          </Button>
        </div>
      </form>
    </Panel>
  );
}
