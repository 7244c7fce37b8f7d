/* oxlint-disable max-lines -- Generated from crds/websocketroutes.yaml by `npm run generate`. Do not edit. */
import type { Schema } from "./validate/schema.ts";

/** The schema of a WebSocketRoute, for the validator; descriptions are in docs/reference. */
export const WEB_SOCKET_ROUTE_SCHEMA: Schema = {
  type: "object",
  required: ["spec"],
  properties: {
    apiVersion: { type: "string" },
    kind: { type: "string" },
    metadata: { type: "object" },
    spec: {
      type: "object",
      required: ["rules"],
      properties: {
        ingressClassName: {
          type: "string",
          minLength: 1,
          maxLength: 253,
          pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
          default: "fairlead",
        },
        hostnames: {
          type: "array",
          maxItems: 16,
          "x-kubernetes-list-type": "set",
          items: {
            type: "string",
            minLength: 1,
            maxLength: 253,
            pattern: "^([*][.])?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$",
            "x-kubernetes-validations": [
              {
                rule: "!self.matches('(^|[.])[0-9]+$')",
                message: "must be a DNS name, not an IP address",
                reason: "FieldValueInvalid",
              },
            ],
          },
        },
        tls: {
          type: "object",
          required: ["certificateRefs"],
          properties: {
            certificateRefs: {
              type: "array",
              minItems: 1,
              maxItems: 8,
              "x-kubernetes-list-type": "atomic",
              items: {
                type: "object",
                required: ["name"],
                properties: {
                  group: { type: "string", enum: [""], default: "" },
                  kind: { type: "string", enum: ["Secret"], default: "Secret" },
                  name: {
                    type: "string",
                    minLength: 1,
                    maxLength: 253,
                    pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
                  },
                  namespace: {
                    type: "string",
                    minLength: 1,
                    maxLength: 63,
                    pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
                  },
                },
              },
            },
            minVersion: { type: "string", enum: ["1.2", "1.3"], default: "1.2" },
          },
        },
        rules: {
          type: "array",
          minItems: 1,
          maxItems: 16,
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["name"],
          items: {
            type: "object",
            required: ["name", "backendRefs"],
            properties: {
              name: { type: "string", minLength: 1, maxLength: 63, pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$" },
              matches: {
                type: "array",
                minItems: 1,
                maxItems: 16,
                "x-kubernetes-list-type": "atomic",
                default: [{ path: { type: "PathPrefix", value: "/" } }],
                items: {
                  type: "object",
                  properties: {
                    path: {
                      type: "object",
                      default: { type: "PathPrefix", value: "/" },
                      properties: {
                        type: {
                          type: "string",
                          enum: ["Exact", "PathPrefix", "RegularExpression"],
                          default: "PathPrefix",
                        },
                        value: { type: "string", minLength: 1, maxLength: 1024, default: "/" },
                      },
                      "x-kubernetes-validations": [
                        {
                          rule: "self.type == 'RegularExpression' || self.value.startsWith('/')",
                          message: "must start with / in Exact and PathPrefix matches",
                          fieldPath: ".value",
                          reason: "FieldValueInvalid",
                        },
                        {
                          rule: "self.type == 'RegularExpression' || self.value.matches(r\"^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})+$\")",
                          message:
                            "must consist of the characters that RFC 3986 allows in a path; others percent-encoded",
                          fieldPath: ".value",
                          reason: "FieldValueInvalid",
                        },
                        {
                          rule: "self.type == 'RegularExpression' || (!self.value.matches('(^|/)([.]|%2[eE]){1,2}(/|$)') && !self.value.matches('%(00|5[cC])'))",
                          message: "must not contain dot segments, %00 or %5C, because no request has them",
                          fieldPath: ".value",
                          reason: "FieldValueInvalid",
                        },
                        {
                          rule: "self.type != 'RegularExpression' || ''.matches(self.value) in [true, false]",
                          message: "must be a regular expression in RE2 syntax",
                          fieldPath: ".value",
                          reason: "FieldValueInvalid",
                        },
                      ],
                    },
                    headers: {
                      type: "array",
                      maxItems: 16,
                      "x-kubernetes-list-type": "map",
                      "x-kubernetes-list-map-keys": ["name"],
                      items: {
                        type: "object",
                        required: ["name", "value"],
                        properties: {
                          type: { type: "string", enum: ["Exact", "RegularExpression"], default: "Exact" },
                          name: {
                            type: "string",
                            minLength: 1,
                            maxLength: 256,
                            pattern: "^[A-Za-z0-9!#$%&'*+.^`|~-]+$",
                          },
                          value: { type: "string", minLength: 1, maxLength: 1024 },
                        },
                        "x-kubernetes-validations": [
                          {
                            rule: "self.type != 'RegularExpression' || ''.matches(self.value) in [true, false]",
                            message: "must be a regular expression in RE2 syntax",
                            fieldPath: ".value",
                            reason: "FieldValueInvalid",
                          },
                        ],
                      },
                    },
                    queryParams: {
                      type: "array",
                      maxItems: 16,
                      "x-kubernetes-list-type": "map",
                      "x-kubernetes-list-map-keys": ["name"],
                      items: {
                        type: "object",
                        required: ["name", "value"],
                        properties: {
                          type: { type: "string", enum: ["Exact", "RegularExpression"], default: "Exact" },
                          name: { type: "string", minLength: 1, maxLength: 256 },
                          value: { type: "string", minLength: 1, maxLength: 1024 },
                        },
                        "x-kubernetes-validations": [
                          {
                            rule: "self.type != 'RegularExpression' || ''.matches(self.value) in [true, false]",
                            message: "must be a regular expression in RE2 syntax",
                            fieldPath: ".value",
                            reason: "FieldValueInvalid",
                          },
                        ],
                      },
                    },
                    subprotocols: {
                      type: "array",
                      minItems: 1,
                      maxItems: 16,
                      "x-kubernetes-list-type": "set",
                      items: { type: "string", minLength: 1, maxLength: 128, pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$" },
                    },
                  },
                },
              },
              filters: {
                type: "array",
                maxItems: 3,
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["type"],
                items: {
                  type: "object",
                  required: ["type"],
                  properties: {
                    type: { type: "string", enum: ["URLRewrite", "RequestHeaderModifier", "ResponseHeaderModifier"] },
                    urlRewrite: {
                      type: "object",
                      minProperties: 1,
                      properties: {
                        hostname: {
                          type: "string",
                          minLength: 1,
                          maxLength: 253,
                          pattern: "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$",
                        },
                        path: {
                          type: "object",
                          required: ["type"],
                          properties: {
                            type: { type: "string", enum: ["ReplaceFullPath", "ReplacePrefixMatch"] },
                            replaceFullPath: {
                              type: "string",
                              minLength: 1,
                              maxLength: 1024,
                              pattern: "^/([-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*$",
                              "x-kubernetes-validations": [
                                {
                                  rule: "!self.matches('(^|/)([.]|%2[eE]){1,2}(/|$)') && !self.matches('%(00|5[cC])')",
                                  message: "must not contain dot segments, %00 or %5C",
                                  reason: "FieldValueInvalid",
                                },
                              ],
                            },
                            replacePrefixMatch: {
                              type: "string",
                              minLength: 1,
                              maxLength: 1024,
                              pattern: "^/([-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*$",
                              "x-kubernetes-validations": [
                                {
                                  rule: "!self.matches('(^|/)([.]|%2[eE]){1,2}(/|$)') && !self.matches('%(00|5[cC])')",
                                  message: "must not contain dot segments, %00 or %5C",
                                  reason: "FieldValueInvalid",
                                },
                              ],
                            },
                          },
                          "x-kubernetes-validations": [
                            {
                              rule: "has(self.replaceFullPath) == (self.type == 'ReplaceFullPath')",
                              message: "must be set if type is ReplaceFullPath, and only then",
                              fieldPath: ".replaceFullPath",
                              reason: "FieldValueInvalid",
                            },
                            {
                              rule: "has(self.replacePrefixMatch) == (self.type == 'ReplacePrefixMatch')",
                              message: "must be set if type is ReplacePrefixMatch, and only then",
                              fieldPath: ".replacePrefixMatch",
                              reason: "FieldValueInvalid",
                            },
                          ],
                        },
                      },
                    },
                    requestHeaderModifier: {
                      type: "object",
                      minProperties: 1,
                      properties: {
                        set: {
                          type: "array",
                          maxItems: 16,
                          "x-kubernetes-list-type": "map",
                          "x-kubernetes-list-map-keys": ["name"],
                          items: {
                            type: "object",
                            required: ["name", "value"],
                            properties: {
                              name: {
                                type: "string",
                                minLength: 1,
                                maxLength: 256,
                                pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
                                "x-kubernetes-validations": [
                                  {
                                    rule: "!(self.lowerAscii() in ['connection', 'content-length', 'host', 'http2-settings', 'keep-alive', 'proxy-authenticate', 'proxy-authentication-info', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade']) && !self.lowerAscii().startsWith('sec-websocket-')",
                                    message:
                                      "must not be a field that frames the message or the handshake; urlRewrite.hostname changes Host",
                                    reason: "FieldValueForbidden",
                                  },
                                ],
                              },
                              value: {
                                type: "string",
                                minLength: 1,
                                maxLength: 4096,
                                pattern: "^[!-~]([\\t -~]*[!-~])?$",
                              },
                            },
                          },
                        },
                        add: {
                          type: "array",
                          maxItems: 16,
                          "x-kubernetes-list-type": "map",
                          "x-kubernetes-list-map-keys": ["name"],
                          items: {
                            type: "object",
                            required: ["name", "value"],
                            properties: {
                              name: {
                                type: "string",
                                minLength: 1,
                                maxLength: 256,
                                pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
                                "x-kubernetes-validations": [
                                  {
                                    rule: "!(self.lowerAscii() in ['connection', 'content-length', 'host', 'http2-settings', 'keep-alive', 'proxy-authenticate', 'proxy-authentication-info', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade']) && !self.lowerAscii().startsWith('sec-websocket-')",
                                    message:
                                      "must not be a field that frames the message or the handshake; urlRewrite.hostname changes Host",
                                    reason: "FieldValueForbidden",
                                  },
                                ],
                              },
                              value: {
                                type: "string",
                                minLength: 1,
                                maxLength: 4096,
                                pattern: "^[!-~]([\\t -~]*[!-~])?$",
                              },
                            },
                          },
                        },
                        remove: {
                          type: "array",
                          maxItems: 16,
                          "x-kubernetes-list-type": "set",
                          items: {
                            type: "string",
                            minLength: 1,
                            maxLength: 256,
                            pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
                            "x-kubernetes-validations": [
                              {
                                rule: "!(self.lowerAscii() in ['connection', 'content-length', 'host', 'http2-settings', 'keep-alive', 'proxy-authenticate', 'proxy-authentication-info', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade']) && !self.lowerAscii().startsWith('sec-websocket-')",
                                message:
                                  "must not be a field that frames the message or the handshake; urlRewrite.hostname changes Host",
                                reason: "FieldValueForbidden",
                              },
                            ],
                          },
                        },
                      },
                    },
                    responseHeaderModifier: {
                      type: "object",
                      minProperties: 1,
                      properties: {
                        set: {
                          type: "array",
                          maxItems: 16,
                          "x-kubernetes-list-type": "map",
                          "x-kubernetes-list-map-keys": ["name"],
                          items: {
                            type: "object",
                            required: ["name", "value"],
                            properties: {
                              name: {
                                type: "string",
                                minLength: 1,
                                maxLength: 256,
                                pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
                                "x-kubernetes-validations": [
                                  {
                                    rule: "!(self.lowerAscii() in ['connection', 'content-length', 'host', 'http2-settings', 'keep-alive', 'proxy-authenticate', 'proxy-authentication-info', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade']) && !self.lowerAscii().startsWith('sec-websocket-')",
                                    message:
                                      "must not be a field that frames the message or the handshake; urlRewrite.hostname changes Host",
                                    reason: "FieldValueForbidden",
                                  },
                                ],
                              },
                              value: {
                                type: "string",
                                minLength: 1,
                                maxLength: 4096,
                                pattern: "^[!-~]([\\t -~]*[!-~])?$",
                              },
                            },
                          },
                        },
                        add: {
                          type: "array",
                          maxItems: 16,
                          "x-kubernetes-list-type": "map",
                          "x-kubernetes-list-map-keys": ["name"],
                          items: {
                            type: "object",
                            required: ["name", "value"],
                            properties: {
                              name: {
                                type: "string",
                                minLength: 1,
                                maxLength: 256,
                                pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
                                "x-kubernetes-validations": [
                                  {
                                    rule: "!(self.lowerAscii() in ['connection', 'content-length', 'host', 'http2-settings', 'keep-alive', 'proxy-authenticate', 'proxy-authentication-info', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade']) && !self.lowerAscii().startsWith('sec-websocket-')",
                                    message:
                                      "must not be a field that frames the message or the handshake; urlRewrite.hostname changes Host",
                                    reason: "FieldValueForbidden",
                                  },
                                ],
                              },
                              value: {
                                type: "string",
                                minLength: 1,
                                maxLength: 4096,
                                pattern: "^[!-~]([\\t -~]*[!-~])?$",
                              },
                            },
                          },
                        },
                        remove: {
                          type: "array",
                          maxItems: 16,
                          "x-kubernetes-list-type": "set",
                          items: {
                            type: "string",
                            minLength: 1,
                            maxLength: 256,
                            pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
                            "x-kubernetes-validations": [
                              {
                                rule: "!(self.lowerAscii() in ['connection', 'content-length', 'host', 'http2-settings', 'keep-alive', 'proxy-authenticate', 'proxy-authentication-info', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade']) && !self.lowerAscii().startsWith('sec-websocket-')",
                                message:
                                  "must not be a field that frames the message or the handshake; urlRewrite.hostname changes Host",
                                reason: "FieldValueForbidden",
                              },
                            ],
                          },
                        },
                      },
                    },
                  },
                  "x-kubernetes-validations": [
                    {
                      rule: "has(self.urlRewrite) == (self.type == 'URLRewrite')",
                      message: "must be set if type is URLRewrite, and only then",
                      fieldPath: ".urlRewrite",
                      reason: "FieldValueInvalid",
                    },
                    {
                      rule: "has(self.requestHeaderModifier) == (self.type == 'RequestHeaderModifier')",
                      message: "must be set if type is RequestHeaderModifier, and only then",
                      fieldPath: ".requestHeaderModifier",
                      reason: "FieldValueInvalid",
                    },
                    {
                      rule: "has(self.responseHeaderModifier) == (self.type == 'ResponseHeaderModifier')",
                      message: "must be set if type is ResponseHeaderModifier, and only then",
                      fieldPath: ".responseHeaderModifier",
                      reason: "FieldValueInvalid",
                    },
                  ],
                },
              },
              backendRefs: {
                type: "array",
                minItems: 1,
                maxItems: 16,
                "x-kubernetes-list-type": "atomic",
                items: {
                  type: "object",
                  required: ["name", "port"],
                  properties: {
                    group: { type: "string", enum: [""], default: "" },
                    kind: { type: "string", enum: ["Service"], default: "Service" },
                    name: { type: "string", minLength: 1, maxLength: 63, pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$" },
                    namespace: {
                      type: "string",
                      minLength: 1,
                      maxLength: 63,
                      pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
                    },
                    port: { type: "integer", format: "int32", minimum: 1, maximum: 65535 },
                    weight: { type: "integer", format: "int32", minimum: 0, maximum: 1000000, default: 1 },
                  },
                },
              },
              timeouts: {
                type: "object",
                properties: {
                  connect: {
                    type: "string",
                    minLength: 2,
                    maxLength: 32,
                    pattern: "^([0-9]{1,5}(h|m|s|ms)){1,4}$",
                    "x-kubernetes-validations": [
                      {
                        rule: "duration(self) > duration('0s') && duration(self) <= duration('10m')",
                        message: "must be more than 0s and at most 10m",
                        reason: "FieldValueInvalid",
                      },
                    ],
                  },
                  handshake: {
                    type: "string",
                    minLength: 2,
                    maxLength: 32,
                    pattern: "^([0-9]{1,5}(h|m|s|ms)){1,4}$",
                    "x-kubernetes-validations": [
                      {
                        rule: "duration(self) > duration('0s') && duration(self) <= duration('1h')",
                        message: "must be more than 0s and at most 1h",
                        reason: "FieldValueInvalid",
                      },
                    ],
                  },
                  idle: {
                    type: "string",
                    minLength: 2,
                    maxLength: 32,
                    pattern: "^([0-9]{1,5}(h|m|s|ms)){1,4}$",
                    "x-kubernetes-validations": [
                      {
                        rule: "duration(self) <= duration('576h')",
                        message: "must be at most 576h (24 days)",
                        reason: "FieldValueInvalid",
                      },
                    ],
                  },
                  maxConnectionDuration: {
                    type: "string",
                    minLength: 2,
                    maxLength: 32,
                    pattern: "^([0-9]{1,5}(h|m|s|ms)){1,4}$",
                    "x-kubernetes-validations": [
                      {
                        rule: "duration(self) <= duration('576h')",
                        message: "must be at most 576h (24 days)",
                        reason: "FieldValueInvalid",
                      },
                    ],
                  },
                  close: {
                    type: "string",
                    minLength: 2,
                    maxLength: 32,
                    pattern: "^([0-9]{1,5}(h|m|s|ms)){1,4}$",
                    "x-kubernetes-validations": [
                      {
                        rule: "duration(self) > duration('0s') && duration(self) <= duration('10m')",
                        message: "must be more than 0s and at most 10m",
                        reason: "FieldValueInvalid",
                      },
                    ],
                  },
                },
              },
              keepalive: {
                type: "object",
                minProperties: 1,
                properties: {
                  pingInterval: {
                    type: "string",
                    minLength: 2,
                    maxLength: 32,
                    pattern: "^([0-9]{1,5}(h|m|s|ms)){1,4}$",
                    "x-kubernetes-validations": [
                      {
                        rule: "duration(self) >= duration('1s') && duration(self) <= duration('1h')",
                        message: "must be at least 1s and at most 1h",
                        reason: "FieldValueInvalid",
                      },
                    ],
                  },
                  pongTimeout: {
                    type: "string",
                    minLength: 2,
                    maxLength: 32,
                    pattern: "^([0-9]{1,5}(h|m|s|ms)){1,4}$",
                    "x-kubernetes-validations": [
                      {
                        rule: "duration(self) >= duration('1s') && duration(self) <= duration('10m')",
                        message: "must be at least 1s and at most 10m",
                        reason: "FieldValueInvalid",
                      },
                    ],
                  },
                },
                "x-kubernetes-validations": [
                  {
                    rule: "has(self.pingInterval) || !has(self.pongTimeout)",
                    message: "must be set if pongTimeout is, because a Pong answers a Ping",
                    fieldPath: ".pingInterval",
                    reason: "FieldValueRequired",
                  },
                ],
              },
              drain: {
                type: "object",
                properties: {
                  code: {
                    type: "integer",
                    format: "int32",
                    minimum: 1000,
                    maximum: 4999,
                    default: 1012,
                    "x-kubernetes-validations": [
                      {
                        rule: "self <= 1003 || (self >= 1007 && self <= 1014) || self >= 3000",
                        message: "must be a close code that may be sent, 1000 to 1003, 1007 to 1014 or 3000 to 4999",
                        reason: "FieldValueInvalid",
                      },
                    ],
                  },
                  reason: {
                    type: "string",
                    maxLength: 123,
                    "x-kubernetes-validations": [
                      {
                        rule: "size(bytes(self)) <= 123",
                        message: "must be at most 123 bytes of UTF-8",
                        reason: "FieldValueInvalid",
                      },
                    ],
                  },
                  window: {
                    type: "string",
                    minLength: 2,
                    maxLength: 32,
                    pattern: "^([0-9]{1,5}(h|m|s|ms)){1,4}$",
                    "x-kubernetes-validations": [
                      {
                        rule: "duration(self) <= duration('24h')",
                        message: "must be at most 24h",
                        reason: "FieldValueInvalid",
                      },
                    ],
                  },
                  onRouteDeleted: { type: "string", enum: ["Keep", "Close"], default: "Keep" },
                },
              },
              backendTLS: {
                type: "object",
                properties: {
                  caCertificateRefs: {
                    type: "array",
                    minItems: 1,
                    maxItems: 8,
                    "x-kubernetes-list-type": "atomic",
                    items: {
                      type: "object",
                      required: ["name"],
                      properties: {
                        group: { type: "string", enum: [""], default: "" },
                        kind: { type: "string", enum: ["Secret"], default: "Secret" },
                        name: {
                          type: "string",
                          minLength: 1,
                          maxLength: 253,
                          pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
                        },
                        namespace: {
                          type: "string",
                          minLength: 1,
                          maxLength: 63,
                          pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
                        },
                      },
                    },
                  },
                  hostname: {
                    type: "string",
                    minLength: 1,
                    maxLength: 253,
                    pattern: "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$",
                    "x-kubernetes-validations": [
                      {
                        rule: "!self.matches('(^|[.])[0-9]+$')",
                        message: "must be a DNS name, not an IP address",
                        reason: "FieldValueInvalid",
                      },
                    ],
                  },
                  insecureSkipVerify: { type: "boolean", default: false },
                },
                "x-kubernetes-validations": [
                  {
                    rule: "!self.insecureSkipVerify || !has(self.caCertificateRefs)",
                    message: "must not be set if insecureSkipVerify is true",
                    fieldPath: ".caCertificateRefs",
                    reason: "FieldValueForbidden",
                  },
                ],
              },
              security: {
                type: "object",
                properties: {
                  allowedOrigins: {
                    type: "array",
                    minItems: 1,
                    maxItems: 64,
                    "x-kubernetes-list-type": "set",
                    items: {
                      type: "string",
                      minLength: 1,
                      maxLength: 300,
                      pattern:
                        "^(null|[a-z][a-z0-9+.-]{0,31}://(([*][.])?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*|\\[[0-9a-f:.]{2,45}\\])(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?)$",
                    },
                  },
                },
              },
            },
            "x-kubernetes-validations": [
              {
                rule: "!has(self.filters) || !has(self.matches) || self.matches.all(m, m.path.type == 'PathPrefix') || !self.filters.exists(f, has(f.urlRewrite) && has(f.urlRewrite.path) && f.urlRewrite.path.type == 'ReplacePrefixMatch')",
                message: "ReplacePrefixMatch needs every match of the rule to be a PathPrefix",
                fieldPath: ".filters",
                reason: "FieldValueInvalid",
              },
            ],
          },
        },
      },
    },
    status: {
      type: "object",
      properties: {
        controllerName: { type: "string", maxLength: 253 },
        conditions: {
          type: "array",
          maxItems: 8,
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["type"],
          items: {
            type: "object",
            required: ["type", "status", "reason", "message", "lastTransitionTime"],
            properties: {
              type: {
                type: "string",
                minLength: 1,
                maxLength: 316,
                pattern:
                  "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$",
              },
              status: { type: "string", enum: ["True", "False", "Unknown"] },
              observedGeneration: { type: "integer", format: "int64", minimum: 0 },
              reason: {
                type: "string",
                minLength: 1,
                maxLength: 1024,
                pattern: "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$",
              },
              message: { type: "string", maxLength: 32768 },
              lastTransitionTime: { type: "string", format: "date-time", maxLength: 64 },
            },
          },
        },
        backends: { type: "string", maxLength: 1024 },
        addresses: {
          type: "array",
          maxItems: 16,
          "x-kubernetes-list-type": "atomic",
          items: {
            type: "object",
            required: ["type", "value"],
            properties: {
              type: { type: "string", enum: ["IPAddress", "Hostname"] },
              value: { type: "string", minLength: 1, maxLength: 253 },
            },
          },
        },
      },
    },
  },
};
