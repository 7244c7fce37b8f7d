/*
 * Both ends of a benchmark of WebSocket proxies: `load backend` echoes, `load echo` and `load handshake` are its clients.
 * One thread, one epoll loop, one read and one write an echo, so that it costs less than what it measures. It is driven
 * by lines: see usage(). Anything unexpected ends it with a line that begins with "error".
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#ifdef WITH_TLS
#include <openssl/err.h>
#include <openssl/ssl.h>
#else
typedef void SSL;
#endif

#define EVENTS 256
#define READ_BYTES (256 * 1024)
#define MAX_HEAD 8192
#define MAX_MESSAGE (1024 * 1024)
#define MAX_HEADER 14
/* Handshakes under way while sockets are opened: below every proxy's listen backlog. */
#define OPENING 64
/* How long sockets may take to open, and echoes under way to come home. */
#define PATIENCE_MS 120000
#define RUN_OUT_MS 10000

/* The key of RFC 6455 1.3 and its answer: a proxy passes both on, so nobody here needs SHA-1. */
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

static const char SWITCH[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             "Sec-WebSocket-Accept: " ACCEPT "\r\n\r\n";
/* Close 1000, masked by a key of zeros as every frame of this client, and unmasked as the backend sends it. */
static const unsigned char CLIENT_CLOSE[] = {0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8};
static const unsigned char BACKEND_CLOSE[] = {0x88, 0x02, 0x03, 0xe8};

enum state { CONNECTING, SECURING, HEAD, OPEN, CLOSING };

typedef struct {
  int fd;
  enum state state;
  SSL *ssl;
  /* Backend: what was read of a head or frame that is not complete. Client: what is being written. */
  unsigned char *held;
  size_t length, capacity;
  const unsigned char *out;
  size_t unsent;
  /* Client: bytes of the present echo that have come. */
  size_t got;
  /* Client: its index in load.all, and whether its echoes are counted. */
  size_t place;
  bool counted;
} conn;

static int poller;
static unsigned char scratch[READ_BYTES];

static void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("error ", stdout);
  vprintf(format, arguments);
  va_end(arguments);
  putchar('\n');
  fflush(stdout);
  exit(1);
}

static void say(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
  fflush(stdout);
}

static uint64_t now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

/* Edge-triggered for both directions: registered once, never changed. */
static void watch(int fd, void *owner) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = owner};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl: %s", strerror(errno));
}

static conn *new_conn(int fd) {
  conn *c = calloc(1, sizeof *c);
  if (c == NULL) fail("out of memory");
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  c->fd = fd;
  return c;
}

static size_t put_header(unsigned char *into, size_t payload, unsigned char mask) {
  into[0] = 0x82;
  if (payload < 126) {
    into[1] = (unsigned char)payload | mask;
    return 2;
  }
  if (payload < 65536) {
    into[1] = 126 | mask;
    into[2] = (unsigned char)(payload >> 8);
    into[3] = (unsigned char)payload;
    return 4;
  }
  into[1] = 127 | mask;
  for (int at = 0; at < 8; at++) into[2 + at] = (unsigned char)((uint64_t)payload >> (8 * (7 - at)));
  return 10;
}

/* ---- the backend ---- */

static void drop(conn *c) {
  close(c->fd);
  free(c->held);
  free(c);
}

static void hold(conn *c, const unsigned char *bytes, size_t length, size_t capacity) {
  if (c->capacity < capacity) {
    unsigned char *held = malloc(capacity);
    if (held == NULL) fail("out of memory");
    if (length > 0) memcpy(held, bytes, length);
    free(c->held);
    c->held = held;
    c->capacity = capacity;
  } else if (length > 0 && bytes != c->held) {
    memmove(c->held, bytes, length);
  }
  c->length = length;
}

static void release(conn *c) {
  free(c->held);
  c->held = NULL;
  c->length = c->capacity = 0;
}

/* A backend that cannot write at once waits: it is never the one that is measured, and its peers read. */
static bool write_all(int fd, const unsigned char *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(fd, bytes, length);
    if (written > 0) {
      bytes += written;
      length -= (size_t)written;
    } else if (errno == EAGAIN) {
      usleep(50);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

/* The bytes of a head that ends here, or 0. */
static size_t head_length(const unsigned char *bytes, size_t length) {
  const unsigned char *end = memmem(bytes, length, "\r\n\r\n", 4);
  return end == NULL ? 0 : (size_t)(end - bytes) + 4;
}

/* The bytes of the frame that begins here, header and key included; 0 while they cannot be told. */
static size_t frame_length(const unsigned char *bytes, size_t length, size_t *header) {
  if (length < 2) return 0;
  size_t payload = bytes[1] & 0x7f;
  *header = 6;
  if (payload == 126) {
    *header = 8;
    if (length < 4) return 0;
    payload = ((size_t)bytes[2] << 8) | bytes[3];
  } else if (payload == 127) {
    *header = 14;
    if (length < 10) return 0;
    payload = 0;
    for (int at = 2; at < 10; at++) payload = (payload << 8) | bytes[at];
  }
  return *header + payload;
}

static void unmask(unsigned char *payload, size_t length, const unsigned char *key) {
  if ((key[0] | key[1] | key[2] | key[3]) == 0) return;
  for (size_t at = 0; at < length; at++) payload[at] ^= key[at & 3];
}

/* Whether a frame is a whole binary message, or a Close, of a client; anything else ends its connection, which the client tells. */
static bool expected(const unsigned char *frame, size_t length) {
  return (frame[0] == 0x82 || frame[0] == 0x88) && (frame[1] & 0x80) != 0 && length <= MAX_MESSAGE + MAX_HEADER;
}

/* Answers one whole frame; false once the connection is over. The server's header fits into the place of the client's. */
static bool answer(conn *c, unsigned char *frame, size_t header, size_t length) {
  if (frame[0] == 0x88) {
    write_all(c->fd, BACKEND_CLOSE, sizeof BACKEND_CLOSE);
    return false;
  }
  unsigned char *payload = frame + header;
  size_t bytes = length - header;
  unmask(payload, bytes, payload - 4);
  unsigned char fresh[MAX_HEADER];
  size_t size = put_header(fresh, bytes, 0);
  memcpy(payload - size, fresh, size);
  return write_all(c->fd, payload - size, size + bytes);
}

/* Answers what is complete; the bytes used, or -1 once the connection is over. */
static ssize_t consume(conn *c, unsigned char *bytes, size_t length) {
  size_t used = 0;
  if (c->state == HEAD) {
    used = head_length(bytes, length);
    if (used == 0) {
      return length < MAX_HEAD ? 0 : -1;
    }
    c->state = OPEN;
    if (!write_all(c->fd, (const unsigned char *)SWITCH, sizeof SWITCH - 1)) return -1;
  }
  while (used < length) {
    size_t header = 0;
    size_t size = frame_length(bytes + used, length - used, &header);
    if (size > 0 && !expected(bytes + used, size)) return -1;
    if (size == 0 || size > length - used) break;
    if (!answer(c, bytes + used, header, size)) return -1;
    used += size;
  }
  return (ssize_t)used;
}

static bool serve(conn *c) {
  for (;;) {
    unsigned char *into = scratch;
    size_t room = sizeof scratch;
    if (c->length > 0) {
      if (c->capacity - c->length < READ_BYTES / 4) hold(c, c->held, c->length, c->length + READ_BYTES);
      into = c->held;
      room = c->capacity;
    }
    room -= c->length;
    ssize_t got = read(c->fd, into + c->length, room);
    if (got < 0 && errno == EAGAIN) return true;
    if (got <= 0) return false;
    size_t length = c->length + (size_t)got;
    ssize_t used = consume(c, into, length);
    if (used < 0) return false;
    if ((size_t)used == length) release(c);
    else hold(c, into + used, length - (size_t)used, READ_BYTES);
    /* A read that was not full has emptied the socket; what comes later is a new edge. */
    if ((size_t)got < room) return true;
  }
}

static void accept_all(int listener) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && errno == EAGAIN) return;
    if (fd < 0 && (errno == ECONNABORTED || errno == EINTR)) continue;
    if (fd < 0) fail("accept: %s", strerror(errno));
    conn *c = new_conn(fd);
    c->state = HEAD;
    watch(fd, c);
  }
}

static void run_backend(void) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 4096) != 0) fail("listen: %s", strerror(errno));
  getsockname(listener, (struct sockaddr *)&address, &size);
  watch(listener, &listener);
  say("port %d\n", ntohs(address.sin_port));
  struct epoll_event events[EVENTS];
  for (;;) {
    int count = epoll_wait(poller, events, EVENTS, -1);
    for (int at = 0; at < count; at++) {
      if (events[at].data.ptr == &listener) accept_all(listener);
      else if (!serve(events[at].data.ptr)) drop(events[at].data.ptr);
    }
  }
}

/* ---- the clients ---- */

static struct {
  bool handshakes;
  struct sockaddr_in target;
  const char *host;
  size_t sockets;
  char *request;
  unsigned char *message;
  size_t message_bytes;
  size_t echo_bytes;
  unsigned char echo_header[MAX_HEADER];
  size_t echo_header_bytes;
  conn **all;
  size_t opened, open, outstanding;
  uint64_t deadline, limit, done;
  bool running;
} load;

#ifdef WITH_TLS
static SSL_CTX *tls;

static void prepare_tls(void) {
  tls = SSL_CTX_new(TLS_client_method());
  /* In the order of browsers, so that every server chooses the same suite; no session is offered. */
  if (tls == NULL || !SSL_CTX_set_ciphersuites(tls, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384")) fail("OpenSSL cannot do TLS 1.3");
  SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION);
  SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(tls, SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_read_ahead(tls, 1);
}

/* False without TLS. */
static bool begin_tls(conn *c) {
  if (tls == NULL) return false;
  c->ssl = SSL_new(tls);
  if (c->ssl == NULL || !SSL_set_fd(c->ssl, c->fd) || !SSL_set_tlsext_host_name(c->ssl, load.host)) fail("out of memory for TLS");
  SSL_set_connect_state(c->ssl);
  c->state = SECURING;
  return true;
}

/* As read and write: what OpenSSL wants later is EAGAIN. */
static ssize_t tls_result(conn *c, int result) {
  if (result > 0) return result;
  int reason = SSL_get_error(c->ssl, result);
  if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE) {
    errno = EAGAIN;
    return -1;
  }
  if (reason == SSL_ERROR_ZERO_RETURN) return 0;
  unsigned long code = ERR_peek_error();
  ERR_clear_error();
  if (reason == SSL_ERROR_SYSCALL) return errno == 0 ? 0 : -1;
  fail("TLS: %s", ERR_reason_error_string(code));
  return -1;
}
#else
static void prepare_tls(void) { fail("this program was built without TLS"); }
static bool begin_tls(conn *c) {
  (void)c;
  return false;
}
#endif

static ssize_t get(conn *c, size_t room) {
#ifdef WITH_TLS
  if (c->ssl != NULL) {
    errno = 0;
    return tls_result(c, SSL_read(c->ssl, scratch, (int)room));
  }
#endif
  return read(c->fd, scratch, room);
}

static void flush(conn *c) {
  while (c->unsent > 0) {
    ssize_t written;
#ifdef WITH_TLS
    if (c->ssl != NULL) {
      errno = 0;
      written = tls_result(c, SSL_write(c->ssl, c->out, (int)c->unsent));
    } else
#endif
      written = write(c->fd, c->out, c->unsent);
    if (written < 0 && errno == EAGAIN) return;
    if (written <= 0) fail("a write failed: %s", strerror(errno));
    c->out += written;
    c->unsent -= (size_t)written;
  }
}

static void put(conn *c, const void *bytes, size_t length) {
  if (c->unsent > 0) fail("a write before the last one was done");
  c->out = bytes;
  c->unsent = length;
  flush(c);
}

static void open_conn(size_t at) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket: %s", strerror(errno));
  conn *c = new_conn(fd);
  c->state = CONNECTING;
  load.all[at] = c;
  c->place = at;
  load.opened++;
  if (connect(fd, (struct sockaddr *)&load.target, sizeof load.target) != 0 && errno != EINPROGRESS) fail("connect: %s", strerror(errno));
  watch(fd, c);
}

static void close_conn(conn *c) {
  load.all[c->place] = NULL;
#ifdef WITH_TLS
  if (c->ssl != NULL) SSL_free(c->ssl);
#endif
  close(c->fd);
  free(c);
}

static void send_message(conn *c) {
  c->got = 0;
  put(c, load.message, load.message_bytes);
}

/* The first echo of a connection opens it; those after are counted. */
static void on_echo(conn *c) {
  if (load.handshakes) {
    c->state = CLOSING;
    put(c, CLIENT_CLOSE, sizeof CLIENT_CLOSE);
    return;
  }
  if (!c->counted) {
    c->counted = true;
    load.open++;
    if (load.opened < load.sockets) open_conn(load.opened);
    if (load.open < load.sockets) return;
    load.limit = 0;
    say("ready\n");
    return;
  }
  load.done++;
  if (load.running) send_message(c);
  else load.outstanding--;
}

static bool on_closed(conn *c) {
  size_t at = c->place;
  if (c->state != CLOSING) fail("a connection was closed by the other side in state %d: %s", c->state, strerror(errno));
  close_conn(c);
  load.done++;
  if (load.running) open_conn(at);
  else load.outstanding--;
  return false;
}

static void on_connected(conn *c) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) fail("connect: %s", strerror(error));
  if (begin_tls(c)) return;
  c->state = HEAD;
  put(c, load.request, strlen(load.request));
}

static void secure(conn *c) {
#ifdef WITH_TLS
  errno = 0;
  if (tls_result(c, SSL_do_handshake(c->ssl)) > 0) {
    c->state = HEAD;
    put(c, load.request, strlen(load.request));
  } else if (errno != EAGAIN) {
    fail("the TLS handshake was cut off");
  }
#else
  (void)c;
#endif
}

static void on_head(conn *c, size_t length) {
  if (c->got + length > MAX_HEAD) fail("the answer's head is over %d bytes", MAX_HEAD);
  if (c->held == NULL && (c->held = malloc(MAX_HEAD)) == NULL) fail("out of memory");
  memcpy(c->held + c->got, scratch, length);
  c->got += length;
  size_t size = head_length(c->held, c->got);
  if (size == 0) return;
  if (memcmp(c->held, "HTTP/1.1 101 ", 13) != 0) fail("the answer was %.*s", 40, c->held);
  if (size != c->got) fail("the other side spoke first");
  free(c->held);
  c->held = NULL;
  c->state = OPEN;
  send_message(c);
}

/* Headers are compared, payloads are only counted. */
static void on_payload(conn *c, size_t length) {
  for (size_t at = c->got; at < load.echo_header_bytes && at - c->got < length; at++) {
    if (scratch[at - c->got] != load.echo_header[at]) fail("an echo with another header than was sent");
  }
  c->got += length;
  if (c->got > load.echo_bytes) fail("more came back than was sent");
  if (c->got == load.echo_bytes) on_echo(c);
}

/* Reads until nothing is there; false once the connection is gone. */
static bool receive(conn *c) {
  for (;;) {
    ssize_t got = get(c, sizeof scratch);
    if (got < 0 && errno == EAGAIN) return true;
    if (got <= 0) return on_closed(c);
    if (c->state == HEAD) on_head(c, (size_t)got);
    else if (c->state == OPEN) on_payload(c, (size_t)got);
    /* One message is under way: after a whole echo there is nothing to read, and a plain read that was not full emptied the socket. */
    if (c->state == OPEN && c->got == 0) return true;
    if (c->ssl == NULL && (size_t)got < sizeof scratch && c->state != CLOSING) return true;
  }
}

static void on_event(conn *c, uint32_t events) {
  if (c->state == CONNECTING) {
    if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) == 0) return;
    on_connected(c);
  }
  if (c->state == SECURING) secure(c);
  if (c->state == CONNECTING || c->state == SECURING) return;
  if (c->unsent > 0) flush(c);
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) receive(c);
}

static void on_command(void) {
  char line[64];
  ssize_t got = read(STDIN_FILENO, line, sizeof line - 1);
  if (got <= 0) exit(0);
  line[got] = 0;
  unsigned long ms = 0;
  if (sscanf(line, "go %lu", &ms) != 1 || load.running) fail("expected \"go MILLISECONDS\"");
  load.done = 0;
  load.running = true;
  load.deadline = now_ms() + ms;
  load.outstanding = load.sockets;
  for (size_t at = 0; at < load.sockets; at++) {
    if (load.handshakes) open_conn(at);
    else send_message(load.all[at]);
  }
}

/* Time is looked at once a turn: a turn is at most EVENTS echoes long. */
static void check_time(void) {
  uint64_t now = now_ms();
  if (load.running && now >= load.deadline) {
    load.running = false;
    load.limit = now + RUN_OUT_MS;
  }
  if (load.limit == 0 || load.running) return;
  if (now > load.limit) fail("%zu of %zu sockets were not done in time", load.outstanding, load.sockets);
  if (load.outstanding > 0 || load.open < load.sockets) return;
  load.limit = 0;
  say("done %llu\n", (unsigned long long)load.done);
}

static void prepare_messages(size_t bytes) {
  if (asprintf(&load.request, "GET / HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Key: " KEY "\r\nSec-WebSocket-Version: 13\r\nOrigin: https://%s\r\nUser-Agent: load\r\n\r\n",
               load.host, load.host) < 0) fail("out of memory");
  load.message = calloc(1, bytes + MAX_HEADER);
  if (load.message == NULL) fail("out of memory");
  size_t header = put_header(load.message, bytes, 0x80) + 4;
  memset(load.message + header, 'x', bytes);
  load.message_bytes = header + bytes;
  load.echo_header_bytes = put_header(load.echo_header, bytes, 0);
  load.echo_bytes = load.echo_header_bytes + bytes;
}

static void run_load(void) {
  load.all = calloc(load.sockets, sizeof *load.all);
  if (load.all == NULL) fail("out of memory");
  struct epoll_event command = {.events = EPOLLIN, .data.ptr = NULL};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, STDIN_FILENO, &command) != 0) fail("stdin: %s", strerror(errno));
  if (load.handshakes) {
    load.open = load.sockets;
    say("ready\n");
  } else {
    load.limit = now_ms() + PATIENCE_MS;
    for (size_t at = 0; at < load.sockets && at < OPENING; at++) open_conn(at);
  }
  struct epoll_event events[EVENTS];
  for (;;) {
    int count = epoll_wait(poller, events, EVENTS, 100);
    for (int at = 0; at < count; at++) {
      if (events[at].data.ptr == NULL) on_command();
      else on_event(events[at].data.ptr, events[at].events);
    }
    check_time();
  }
}

static void usage(void) {
  fail("usage: load backend | load echo|handshake PORT tls|plain HOST SOCKETS BYTES; "
       "\"port N\" or \"ready\" is printed when it is, \"go MS\" on stdin runs for so long, and \"done N\" is printed");
}

static size_t number(const char *text, size_t least, size_t most) {
  char *end;
  unsigned long value = strtoul(text, &end, 10);
  if (*end != 0 || value < least || value > most) fail("%s: expected a number from %zu to %zu", text, least, most);
  return value;
}

int main(int count, char **words) {
  signal(SIGPIPE, SIG_IGN);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  poller = epoll_create1(EPOLL_CLOEXEC);
  if (count == 2 && strcmp(words[1], "backend") == 0) run_backend();
  if (count != 7) usage();
  load.handshakes = strcmp(words[1], "handshake") == 0;
  if (!load.handshakes && strcmp(words[1], "echo") != 0) usage();
  load.target.sin_family = AF_INET;
  load.target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  load.target.sin_port = htons((uint16_t)number(words[2], 1, 65535));
  load.host = words[4];
  load.sockets = number(words[5], 1, 100000);
  prepare_messages(number(words[6], 1, MAX_MESSAGE));
  if (strcmp(words[3], "tls") == 0) prepare_tls();
  run_load();
}
