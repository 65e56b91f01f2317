// The parts of a service worker's world that ours touches; the library that describes them whole cannot
// stand beside the one of the page.

export interface Extendable extends Event {
  waitUntil(p: Promise<unknown>): void;
}

export interface Fetching extends Extendable {
  readonly request: Request;
  respondWith(r: Promise<Response>): void;
}

export interface Pushed extends Extendable {
  readonly data: { json(): unknown } | null;
}

export interface Clicked extends Extendable {
  readonly notification: Notification;
}

export interface Changed extends Extendable {
  readonly oldSubscription: PushSubscription | null;
  readonly newSubscription: PushSubscription | null;
}

export interface Tab {
  readonly url: string;
  focus(): Promise<Tab>;
  navigate(url: string): Promise<Tab | null>;
}

export interface Worker {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: { matchAll(o: { type: "window"; includeUncontrolled: boolean }): Promise<Tab[]>; openWindow(url: string): Promise<Tab | null>; claim(): Promise<void> };
  readonly location: Location;
  skipWaiting(): Promise<void>;
  addEventListener(kind: "install" | "activate", then: (e: Extendable) => void): void;
  addEventListener(kind: "fetch", then: (e: Fetching) => void): void;
  addEventListener(kind: "push", then: (e: Pushed) => void): void;
  addEventListener(kind: "notificationclick", then: (e: Clicked) => void): void;
  addEventListener(kind: "pushsubscriptionchange", then: (e: Changed) => void): void;
}
