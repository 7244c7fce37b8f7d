/** The parts of core Kubernetes kinds that Fairlead reads. Field meanings are those of the Kubernetes API reference, 1.31. */

export type Metadata = {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly generation?: number;
  readonly resourceVersion?: string;
  /** RFC 3339; absent in files. */
  readonly creationTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
};

/** networking.k8s.io/v1 Ingress. */
export type Ingress = {
  readonly apiVersion: "networking.k8s.io/v1";
  readonly kind: "Ingress";
  readonly metadata: Metadata;
  readonly spec?: {
    readonly ingressClassName?: string;
    readonly defaultBackend?: IngressBackend;
    readonly rules?: readonly IngressRule[];
    readonly tls?: readonly { readonly hosts?: readonly string[]; readonly secretName?: string }[];
  };
};

export type IngressRule = {
  readonly host?: string;
  readonly http?: { readonly paths: readonly IngressPath[] };
};

export type IngressPath = {
  readonly path?: string;
  readonly pathType: "Exact" | "Prefix" | "ImplementationSpecific";
  readonly backend: IngressBackend;
};

export type IngressBackend = {
  readonly service?: { readonly name: string; readonly port?: { readonly name?: string; readonly number?: number } };
  readonly resource?: { readonly apiGroup?: string; readonly kind: string; readonly name: string };
};

/** networking.k8s.io/v1 IngressClass. */
export type IngressClass = {
  readonly apiVersion: "networking.k8s.io/v1";
  readonly kind: "IngressClass";
  readonly metadata: Metadata;
  readonly spec?: { readonly controller?: string };
};

/** v1 Service. */
export type Service = {
  readonly apiVersion: "v1";
  readonly kind: "Service";
  readonly metadata: Metadata;
  readonly spec?: {
    readonly type?: "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName";
    readonly ipFamilies?: readonly ("IPv4" | "IPv6")[];
    readonly ports?: readonly ServicePort[];
  };
};

export type ServicePort = {
  readonly name?: string;
  readonly port: number;
  readonly protocol?: "TCP" | "UDP" | "SCTP";
  readonly appProtocol?: string;
  readonly targetPort?: number | string;
};

/** discovery.k8s.io/v1 EndpointSlice; its Service is named by the label kubernetes.io/service-name. */
export type EndpointSlice = {
  readonly apiVersion: "discovery.k8s.io/v1";
  readonly kind: "EndpointSlice";
  readonly metadata: Metadata;
  readonly addressType: "IPv4" | "IPv6" | "FQDN";
  readonly endpoints?: readonly SliceEndpoint[] | null;
  readonly ports?: readonly { readonly name?: string; readonly port?: number; readonly protocol?: string }[] | null;
};

export type SliceEndpoint = {
  readonly addresses: readonly string[];
  readonly conditions?: {
    readonly ready?: boolean | null;
    readonly serving?: boolean | null;
    readonly terminating?: boolean | null;
  };
  readonly targetRef?: { readonly uid?: string };
  readonly hints?: { readonly forZones?: readonly { readonly name: string }[] };
};

/** v1 Secret; `data` is base64. */
export type KubernetesSecret = {
  readonly apiVersion: "v1";
  readonly kind: "Secret";
  readonly metadata: Metadata;
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
};

/** gateway.networking.k8s.io ReferenceGrant. */
export type ReferenceGrant = {
  readonly apiVersion: "gateway.networking.k8s.io/v1" | "gateway.networking.k8s.io/v1beta1";
  readonly kind: "ReferenceGrant";
  readonly metadata: Metadata;
  readonly spec: {
    readonly from: readonly { readonly group: string; readonly kind: string; readonly namespace: string }[];
    readonly to: readonly { readonly group: string; readonly kind: string; readonly name?: string }[];
  };
};
