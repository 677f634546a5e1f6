// Applies a hand-picked light or dark before the first paint; a file of its own because the CSP forbids inline scripts.
try {
  const picked = localStorage.getItem("spadework.appearance");
  if (picked === "light" || picked === "dark") document.documentElement.dataset.appearance = picked;
} catch {
  // Storage is blocked: follow the system.
}
