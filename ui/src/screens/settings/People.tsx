// Who may do what.
import { useMutation, useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { api } from "../../api/client";
import { queryClient, usersQuery } from "../../api/queries";
import type { User } from "../../api/types";
import { Initial } from "../../frame/Rail";
import { useMay, useSession } from "../../frame/session";
import { Button } from "../../shared/Button";
import { Drawer } from "../../shared/Dialog";
import { SelectField, TextField } from "../../shared/Field";
import { Panel } from "../../shared/Panel";
import { InlineError, Loaded } from "../../shared/Placeholder";
import { Table } from "../../shared/Table";
import { toast, toastError } from "../../shared/Toast";
import { Intro } from "./Intro";
import styles from "./Settings.module.css";

export const ROLES = [
  { value: "owner", label: "Owner", can: "everything" },
  { value: "admin", label: "Administrator", can: "everything except giving the account away" },
  { value: "editor", label: "Editor", can: "makes plans, changes tables and starts runs; does not approve" },
  { value: "approver", label: "Approver", can: "looks, exports, and approves or rejects" },
  { value: "viewer", label: "Viewer", can: "looks" },
];

export function People() {
  const query = useQuery(usersQuery);
  const { user: me } = useSession();
  const mayWrite = useMay("users.write");
  const [isInviting, setIsInviting] = useState(false);
  const change = useMutation({
    mutationFn: ({ user, part }: { user: User; part: Partial<User> }) => api.patch(`/v3/users/${user.id}`, part),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["users"] }),
    onError: (error) => toastError("change this person", error),
  });
  return (
    <>
      <Intro
        title="People and roles"
        action={
          mayWrite && (
            <Button look="primary" icon={Plus} onClick={() => setIsInviting(true)}>
              Add person
            </Button>
          )
        }
      >
        What each may do follows from the role alone.
      </Intro>
      <Panel isFlush>
        <Loaded query={query} doing="load the people">
          {({ data }) => (
            <Table
              label="People"
              rows={data}
              rowKey={(user) => user.id}
              columns={[
                {
                  key: "name",
                  heading: "Person",
                  cell: (user) => (
                    <span style={{ display: "flex", alignItems: "center", gap: 10 }}>
                      <Initial name={user.name || user.email} size={26} />
                      <span>
                        <b style={{ fontWeight: 500 }}>{user.name}</b> {user.id === me.id && <span className="faint">you</span>}
                        {user.is_disabled && <span className="faint"> disabled</span>}
                        <br />
                        <span className="muted">{user.email}</span>
                      </span>
                    </span>
                  ),
                },
                {
                  key: "role",
                  heading: "Role",
                  width: 170,
                  cell: (user) => (
                    <SelectField name={`Role of ${user.name}`} value={user.role} onChange={(role) => change.mutate({ user, part: { role } })} options={ROLES} isDisabled={!mayWrite || user.id === me.id} />
                  ),
                },
                {
                  key: "act",
                  heading: "",
                  width: 110,
                  isNumeric: true,
                  cell: (user) =>
                    mayWrite &&
                    user.id !== me.id && (
                      <Button size="small" look={user.is_disabled ? "plain" : "danger"} onClick={() => change.mutate({ user, part: { is_disabled: !user.is_disabled } })}>
                        {user.is_disabled ? "Let in" : "Disable"}
                      </Button>
                    ),
                },
              ]}
            />
          )}
        </Loaded>
      </Panel>
      <Panel title="Roles">
        <ul className={styles.form} style={{ gap: 6 }}>
          {ROLES.map((role) => (
            <li key={role.value}>
              <b style={{ fontWeight: 500 }}>{role.label}</b> <span className="muted">{role.can}</span>
            </li>
          ))}
        </ul>
      </Panel>
      {isInviting && <Invite onClose={() => setIsInviting(false)} />}
    </>
  );
}

function Invite({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [role, setRole] = useState("editor");
  const add = useMutation({
    mutationFn: () => api.post("/v3/users", { name, email, password, role }),
    onSuccess: (user) => {
      void queryClient.invalidateQueries({ queryKey: ["users"] });
      toast({ tone: "done", title: `${user.name} can sign in now`, body: "Tell them the password; they can change it in Sessions." });
      onClose();
    },
  });
  return (
    <Drawer
      isOpen
      onClose={onClose}
      title="Add person"
      width={420}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form="invite" isBusy={add.isPending}>
            Add person
          </Button>
        </>
      }
    >
      <form id="invite" className={styles.form} onSubmit={(event) => { event.preventDefault(); add.mutate(); }}>
        <TextField label="Name" required autoFocus value={name} onChange={setName} />
        <TextField label="E-mail" type="email" required value={email} onChange={setEmail} />
        <TextField label="First password" type="password" autoComplete="new-password" required minLength={12} value={password} onChange={setPassword} hint="At least 12 characters. Nothing is sent; hand it over yourself." />
        <SelectField label="Role" value={role} onChange={setRole} options={ROLES.filter((each) => each.value !== "owner")} hint={`May do: ${ROLES.find((each) => each.value === role)?.can}.`} />
        <InlineError error={add.error} />
      </form>
    </Drawer>
  );
}
