import type { REASONS } from "../base/problem.ts";
import type { ProblemType } from "./validate/field-problem.ts";

/** Every reason for which an object, or the file that holds it, is not taken as written; listed once. Those of REASONS come later, from translate. */
export const READING_REASONS = {
  Unreadable: {
    meaning: "A file or directory cannot be read, or is beyond what is read.",
    mend: "Give Fairlead the right to read it, write it as UTF-8, or split it.",
  },
  InvalidYaml: {
    meaning: "The text is not YAML, or not YAML that can hold a Kubernetes object.",
    mend: "Write what the message expects at this place; nothing after it is read.",
  },
  NamelessObject: {
    meaning: "A document does not say which object it is.",
    mend: "Write apiVersion, kind and metadata.name, each as a string.",
  },
  UnreadVersion: {
    meaning: "The kind is known, but not in this version.",
    mend: "Write the object in a version that the message names.",
  },
  DuplicateObject: {
    meaning: "An object is defined more than once; the first definition, by path, counts.",
    mend: "Keep one definition.",
  },
  InvalidCertificate: {
    meaning: "A TLS Secret holds no certificate and key that could be served.",
    mend: "Put a PEM chain, leaf first, into tls.crt and its key into tls.key.",
  },
  InvalidValue: { meaning: "The API server would refuse this value.", mend: "Write what the message expects." },
  RequiredValue: { meaning: "A field that must be there is not.", mend: "Write the field." },
  DuplicateValue: { meaning: "A value that must be unique occurs twice.", mend: "Remove or rename one of the two." },
  TooMany: { meaning: "A list or map has more items than it may.", mend: "Split it, into several rules or objects." },
  TooLong: { meaning: "A text is longer than it may be.", mend: "Shorten it." },
  Forbidden: { meaning: "A field may not be set here.", mend: "Remove the field." },
  UnknownField: {
    meaning: "There is no field of this name here.",
    mend: "Look the name up in the reference: spelling, case and indentation matter.",
  },
} as const satisfies Record<string, { readonly meaning: string; readonly mend: string }>;

/** The name of a row of READING_REASONS, or the one of REASONS that the schema finds too. */
export type ReadingReason = keyof typeof READING_REASONS | Extract<keyof typeof REASONS, "UnsupportedValue">;

/** What the API server's words for a field problem are called here. */
export const REASON_OF_TYPE: Readonly<Record<ProblemType, ReadingReason>> = {
  "Invalid value": "InvalidValue",
  "Required value": "RequiredValue",
  "Unsupported value": "UnsupportedValue",
  "Duplicate value": "DuplicateValue",
  "Too many": "TooMany",
  "Too long": "TooLong",
  Forbidden: "Forbidden",
  "Unknown field": "UnknownField",
};
