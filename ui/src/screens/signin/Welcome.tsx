// The first run: the one-time link makes the first person and their account.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState, type FormEvent } from "react";
import { api } from "../../api/client";
import { queryClient, sessionQuery } from "../../api/queries";
import { LinkTo, useGo } from "../../frame/LinkTo";
import { paths } from "../../frame/paths";
import { useUrlState } from "../../frame/urlState";
import { Button } from "../../shared/Button";
import { TextField } from "../../shared/Field";
import { ErrorState, InlineError, Skeleton } from "../../shared/Placeholder";
import { Door } from "./Door";

const SHORTEST_PASSWORD = 12;

export function Welcome() {
  const [token] = useUrlState("token");
  const check = useQuery({
    queryKey: ["bootstrap", token],
    queryFn: () => api.get("/v3/session/bootstrap", { query: { token } }),
    enabled: token !== "",
  });
  useEffect(() => {
    document.title = "Welcome · Spadework";
  }, []);
  if (check.isError) return <ErrorState error={check.error} doing="check the link" onRetry={() => void check.refetch()} />;
  if (token !== "" && check.isPending) {
    return (
      <Door title="Welcome">
        <Skeleton height={32} />
      </Door>
    );
  }
  if (!check.data?.is_valid) {
    return (
      <Door
        title="This link no longer works"
        subtitle="It can be used once and only for a while. If your account exists already, sign in; otherwise start Spadework again and it prints a new link."
      >
        <p>
          <LinkTo to={paths.signIn()}>Sign in</LinkTo>
        </p>
      </Door>
    );
  }
  return <FirstPerson token={token} />;
}

function FirstPerson({ token }: { token: string }) {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [account, setAccount] = useState("");
  const [isTried, setIsTried] = useState(false);
  const go = useGo();
  const create = useMutation({
    mutationFn: () => api.post("/v3/session/bootstrap", { token, name, email, password, account_name: account || undefined }),
    onSuccess: (session) => {
      queryClient.setQueryData(sessionQuery.queryKey, session);
      go(paths.clients(), { replace: true });
    },
  });
  const isShort = password.length > 0 && password.length < SHORTEST_PASSWORD;
  function submit(event: FormEvent) {
    event.preventDefault();
    setIsTried(true);
    if (!isShort) create.mutate();
  }
  return (
    <Door title="Welcome to Spadework" subtitle="Everything stays on this machine. You will be the owner of a new account.">
      <form onSubmit={submit}>
        <TextField label="Your name" autoComplete="name" autoFocus required value={name} onChange={setName} />
        <TextField label="E-mail" type="email" autoComplete="username" required value={email} onChange={setEmail} hint="Only for signing in; nothing is sent to it." />
        <TextField
          label="Password"
          type="password"
          autoComplete="new-password"
          required
          value={password}
          onChange={setPassword}
          error={isShort && isTried ? `${SHORTEST_PASSWORD - password.length} more characters to go.` : null}
          hint={`At least ${SHORTEST_PASSWORD} characters; a sentence is good.`}
        />
        <TextField label="Account name" aside="optional" value={account} onChange={setAccount} placeholder="Your company or team" autoComplete="organization" />
        <InlineError error={create.error} />
        <Button type="submit" look="primary" isBusy={create.isPending}>
          Create the account
        </Button>
      </form>
    </Door>
  );
}
