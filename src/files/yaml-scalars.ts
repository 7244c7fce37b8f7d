import type { ScalarTag } from "yaml";

const trueWords = new Set(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"]);

const bool: ScalarTag = {
  tag: "tag:yaml.org,2002:bool",
  default: true,
  test: /^(?:[yYnN]|[yY]es|YES|[nN]o|NO|[tT]rue|TRUE|[fF]alse|FALSE|[oO]n|ON|[oO]ff|OFF)$/,
  resolve: (source) => trueWords.has(source),
};

const int: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  test: /^[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|0|[1-9][0-9_]*)$/,
  resolve: (source) => {
    const digits = source.replaceAll("_", "").replace(/^[-+]/, "");
    const size = Number(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
    return source.startsWith("-") ? -size : size;
  },
};

const float: ScalarTag = {
  tag: "tag:yaml.org,2002:float",
  default: true,
  test: /^[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?$/,
  resolve: (source) => Number(source.replaceAll("_", "")),
};

/**
 * Plain scalars as kubectl reads them: YAML 1.1 words (`on` and `yes` are booleans), octal with a leading zero, and no
 * timestamps or base-60 numbers (sigs.k8s.io/yaml). A manifest means the same here and in a cluster.
 */
export const KUBERNETES_SCALARS: readonly ScalarTag[] = [bool, int, float];
