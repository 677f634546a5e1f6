// Starts the page.
import "@fontsource-variable/inter/wght.css";
import "@fontsource-variable/jetbrains-mono/wght.css";
import "./tokens.css";
import "./base.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { whenSignedOut } from "./api/client";
import { queryClient, sessionQuery } from "./api/queries";
import { paths } from "./frame/paths";
import { router } from "./router";
import { Toasts } from "./shared/Toast";
import { TooltipProvider } from "./shared/Tooltip";

whenSignedOut(() => {
  if (location.pathname === "/sign-in") return;
  // First away from the screens that need a session, then without one.
  void router.navigate({ href: paths.signIn(location.pathname + location.search) }).then(() => queryClient.setQueryData(sessionQuery.queryKey, null));
});

const place = document.getElementById("root");
if (!place) throw new Error("index.html has no #root.");

createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <TooltipProvider delayDuration={350} skipDelayDuration={200}>
        <RouterProvider router={router} />
        <Toasts />
      </TooltipProvider>
    </QueryClientProvider>
  </StrictMode>,
);
