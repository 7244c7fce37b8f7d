/** Every code of an error that is no finding about an object, listed once: of a command line, of a start, and of /debug. */
export const ERROR_CODES = {
  UnknownCommand: {
    meaning: "There is no such command.",
    mend: "Take one that `fairlead --help` lists.",
  },
  UnknownFlag: {
    meaning: "The command has no such flag.",
    mend: "Take one that `fairlead COMMAND --help` lists.",
  },
  MissingFlag: {
    meaning: "The command needs a flag that was not given.",
    mend: "Give the flag that the message names.",
  },
  MissingValue: {
    meaning: "A flag stands without the value that it needs.",
    mend: "Write the value behind the flag.",
  },
  MissingOperand: {
    meaning: "The command needs a word that was not given, such as a path or a URL.",
    mend: "Write what the message names behind the command.",
  },
  ExcessOperand: {
    meaning: "There are more words than the command takes.",
    mend: "Leave them out, or put what belongs together into quotes.",
  },
  InvalidArgument: {
    meaning: "A flag or a word has a value that cannot be used.",
    mend: "Write what the message expects.",
  },
  FileUnreadable: {
    meaning: "A file that a flag names cannot be read.",
    mend: "Correct the path, or let the user of the process read the file.",
  },
  InvalidTokenFile: {
    meaning: "The file with the token for /debug cannot be read, or holds no token.",
    mend: "Write one token into it, 16 characters or more without white space, and let the user of the process read it.",
  },
  DirectoryUnreadable: {
    meaning: "The directory of manifests cannot be read.",
    mend: "Correct --manifests, or let the user of the process read the directory.",
  },
  NoCluster: {
    meaning: "It cannot be found out where the cluster's API server is.",
    mend: "Correct --kubeconfig and --context, run in a Pod with a service account, or name a directory by --manifests.",
  },
  AddressInUse: {
    meaning: "Another process listens on the address.",
    mend: "End that process, or name another address.",
  },
  CannotListen: {
    meaning: "The address cannot be listened on.",
    mend: "Name an address of this machine, and a port that the process may use.",
  },
  MissingPackage: {
    meaning: "A flag needs packages that are optional and not installed.",
    mend: "Install what the message names, or leave the flag out.",
  },
  AdminUnreachable: {
    meaning: "The admin address of a replica cannot be reached.",
    mend: "Correct --admin, and look whether the replica runs and its admin address can be reached from here.",
  },
  AdminNotFairlead: {
    meaning: "What answers at --admin is not the admin address of Fairlead.",
    mend: "Correct --admin: it is --admin-address of `serve`, not an address that routes.",
  },
  AdminRefused: {
    meaning: "A replica refuses to answer, with a code that this version does not know.",
    mend: "Do what the message says, or ask with the version that the replica has.",
  },
  TokenExpected: {
    meaning: "/debug of the replica asks for a token, and none or a wrong one was given.",
    mend: "Send Authorization: Bearer with the token; for `fairlead`, name the file with it by --token-file.",
  },
  NeedsTokenFile: {
    meaning: "/debug is closed on an address that is not loopback, unless there is a token.",
    mend: "Start the replica with --admin-token-file, or with a loopback address for --admin-address.",
  },
  ForeignPage: {
    meaning: "A web page of another origin asked for /debug, or a Host that is not this machine.",
    mend: "Ask by `localhost` or a loopback address, and from no other page.",
  },
  UnknownPage: {
    meaning: "There is no such page below /debug.",
    mend: "Take one that debug.md lists.",
  },
  WrongMethod: {
    meaning: "The page below /debug has no such method.",
    mend: "Take one that the field Allow of the answer lists.",
  },
  InvalidParameter: {
    meaning: "A parameter of a page below /debug is unknown, given twice, or has a value that cannot be used.",
    mend: "Write what the message expects.",
  },
  ConnectionNotFound: {
    meaning: "No open connection of this replica has the id.",
    mend: "Take an id that `fairlead connections` lists for the same replica; the connection may have ended by itself.",
  },
  RequestIdMismatch: {
    meaning:
      "The connection has another request id than the one that was asked for: the replica restarted, or is another one.",
    mend: "Look the connection up again by its request id.",
  },
  TooManyReaders: {
    meaning: "Too many pages below /debug are read at once.",
    mend: "Ask again after Retry-After.",
  },
  CommandFailed: {
    meaning: "The command failed for a reason that has no code of its own.",
    mend: "Read the message; where it does not help, it is a defect to report.",
  },
} as const satisfies Record<string, { readonly meaning: string; readonly mend: string }>;

/** The name of a row of ERROR_CODES. Names are stable. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** An error with a stable code and a sentence for a person. */
export class CodedError extends Error {
  override readonly name: string = "CodedError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The code of whatever was thrown. */
export function codeOf(thrown: unknown): ErrorCode {
  return thrown instanceof CodedError ? thrown.code : "CommandFailed";
}

/** True for the name of a row, which an answer of another process may hold. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(ERROR_CODES, value);
}
