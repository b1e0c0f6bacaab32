import { userInfo } from "node:os";
import { dirname } from "node:path";
import { clusterFolders } from "../db/embedded/folders.ts";

export interface UnitFile {
  name: string;
  text: string;
}

/** What holds DATABASE_URL and the senders' tokens: readable for root alone, who reads it for the service. */
export const ENVIRONMENT_FILE = "/etc/adsapp/adsapp.env";

/**
 * A service that does one tick, shut off from what a tick has no use for, and the timer that starts it each minute. A tick that
 * takes longer is not started twice.
 * @param home the state folder: beside /tmp all that the service may write to
 */
export function systemdUnits(program: readonly string[], home: string): UnitFile[] {
  const { base, socket } = clusterFolders(home);
  const writable = [...new Set([home, base, dirname(socket), "/tmp"])].map((path) => unitWord(`-${path}`));
  const service = [
    "[Unit]",
    "Description=adsapp: does what is due",
    "Wants=network-online.target",
    "After=network-online.target",
    "",
    "[Service]",
    "Type=oneshot",
    ...who(),
    `Environment=${unitWord(`ADSAPP_HOME=${home}`)}`,
    `EnvironmentFile=-${ENVIRONMENT_FILE}`,
    `ExecStart=${program.map(unitWord).join(" ")} tick`,
    "# 3: a sender was halted; 75: try again. adsapp status --check is for monitors",
    "SuccessExitStatus=3 75",
    "TimeoutStopSec=30",
    "# the embedded PostgreSQL outlives the tick that starts it",
    "KillMode=process",
    "",
    ...HARDENING,
    "ProtectSystem=strict",
    `ReadWritePaths=${writable.join(" ")}`,
  ];
  return [
    { name: "adsapp-tick.service", text: service.join("\n") },
    { name: "adsapp-tick.timer", text: TIMER.join("\n") },
  ];
}

/** Root starts the embedded PostgreSQL as another user, which takes capabilities; an ordinary user needs none. */
function who(): string[] {
  const { username } = userInfo();
  return username === "root" ? [] : [`User=${unitWord(username)}`, "CapabilityBoundingSet="];
}

const HARDENING = [
  "UMask=0077",
  "NoNewPrivileges=yes",
  "PrivateDevices=yes",
  "ProtectHome=read-only",
  "ProtectClock=yes",
  "ProtectControlGroups=yes",
  "ProtectHostname=yes",
  "ProtectKernelLogs=yes",
  "ProtectKernelModules=yes",
  "ProtectKernelTunables=yes",
  "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6",
  "RestrictNamespaces=yes",
  "RestrictRealtime=yes",
  "RestrictSUIDSGID=yes",
  "LockPersonality=yes",
  "SystemCallArchitectures=native",
];

const TIMER = [
  "[Unit]",
  "Description=adsapp tick, each minute",
  "",
  "[Timer]",
  "OnCalendar=*:*:00",
  "AccuracySec=1s",
  "",
  "[Install]",
  "WantedBy=timers.target",
];

/** Quoted as systemd reads it, where % begins a specifier and $ a variable. */
function unitWord(text: string): string {
  const escaped = text.replaceAll("%", "%%");
  return /^[\w/.:@%+,=-]+$/.test(escaped) ? escaped : `"${escaped.replace(/["\\]/g, "\\$&")}"`;
}
