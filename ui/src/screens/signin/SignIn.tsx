// Sign in with e-mail and password.
import { useMutation } from "@tanstack/react-query";
import { useEffect, useState, type FormEvent } from "react";
import { api } from "../../api/client";
import { queryClient, sessionQuery } from "../../api/queries";
import { useGo } from "../../frame/LinkTo";
import { useUrlState } from "../../frame/urlState";
import { Button } from "../../shared/Button";
import { TextField } from "../../shared/Field";
import { InlineError } from "../../shared/Placeholder";
import { Door } from "./Door";

export function SignIn() {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [next] = useUrlState("next", "/");
  const go = useGo();
  const signIn = useMutation({
    mutationFn: () => api.post("/v3/session", { email, password }),
    onSuccess: (session) => {
      // Nothing somebody else saw in this tab may linger.
      queryClient.clear();
      queryClient.setQueryData(sessionQuery.queryKey, session);
      // Only our own addresses: a link from elsewhere must not lead away.
      go(next.startsWith("/") && !next.startsWith("//") ? next : "/");
    },
  });
  useEffect(() => {
    document.title = "Sign in · Spadework";
  }, []);
  function submit(event: FormEvent) {
    event.preventDefault();
    signIn.mutate();
  }
  return (
    <Door
      title="Sign in to Spadework"
      foot={
        <>
          First time on this machine? Open the one-time link that <code>make up</code> printed in the terminal.
        </>
      }
    >
      <form onSubmit={submit}>
        <TextField label="E-mail" type="email" autoComplete="username" autoFocus required value={email} onChange={setEmail} />
        <TextField label="Password" type="password" autoComplete="current-password" required value={password} onChange={setPassword} />
        <InlineError error={signIn.error} />
        <Button type="submit" look="primary" isBusy={signIn.isPending}>
          Sign in
        </Button>
      </form>
    </Door>
  );
}
