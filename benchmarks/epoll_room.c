/* The least that a chat room can cost: one thread, one epoll, no names, no memory of anything.

   Each turn reads once from every connection that has something, and sends what whole lines came, all of them in one
   write, to everyone but who spoke them. Listens on the port that it is given; ends when it is killed. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MEMBERS = 65536, READ = 65536, LINE = 8192, EVENTS = 1024, BACKLOG = 16 << 20 };

struct member {
    int here, spoke;      /* `spoke`: the turn in which it last did */
    size_t part;          /* of a line whose end has not come */
    size_t waiting, sent; /* of what the kernel would not take */
    char *late, *line;
};

struct span { int who; size_t from, to; };

static struct member members[MEMBERS];
static int present[MEMBERS], count, poll_fd, turn;
static char *said, *piece, read_into[READ + LINE];
static struct span *spans;
static size_t said_size, said_room, spans_size, spans_room;

static void *grown(void *old, size_t *room, size_t needed, size_t each)
{
    if (needed <= *room) return old;
    while (*room < needed) *room = *room ? *room * 2 : 1 << 16;
    old = realloc(old, *room * each);
    if (!old) abort();
    return old;
}

static void leave(int fd)
{
    for (int at = 0; at < count; at++)
        if (present[at] == fd) { present[at] = present[--count]; break; }
    free(members[fd].late);
    free(members[fd].line);
    memset(&members[fd], 0, sizeof members[fd]);
    close(fd);
}

static void watch(int fd, int how, unsigned events)
{
    struct epoll_event event = { .events = events, .data.fd = fd };
    epoll_ctl(poll_fd, how, fd, &event);
}

static void enter(int listener)
{
    int fd, on = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        if (fd >= MEMBERS) { close(fd); continue; }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        members[fd].here = 1;
        present[count++] = fd;
        watch(fd, EPOLL_CTL_ADD, EPOLLIN);
    }
}

static void hear(int fd)
{
    struct member *one = &members[fd];
    size_t part = one->part;
    memcpy(read_into, one->line ? one->line : "", part);
    ssize_t got = read(fd, read_into + part, READ);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN) leave(fd);
        return;
    }
    size_t size = part + (size_t)got;
    char *end = memrchr(read_into, '\n', size);
    size_t whole = end ? (size_t)(end + 1 - read_into) : 0;
    if (size - whole > LINE) { leave(fd); return; }
    one->part = size - whole;
    if (one->part && !one->line && !(one->line = malloc(LINE))) abort();
    if (one->part) memcpy(one->line, read_into + whole, one->part);
    if (!whole) return;
    said = grown(said, &said_room, said_size + whole, 1);
    memcpy(said + said_size, read_into, whole);
    spans = grown(spans, &spans_room, spans_size + 1, sizeof *spans);
    spans[spans_size++] = (struct span){ fd, said_size, said_size + whole };
    said_size += whole;
    one->spoke = turn;
}

static int give(int fd, const char *what, size_t size)
{
    struct member *one = &members[fd];
    ssize_t taken = one->waiting ? 0 : send(fd, what, size, MSG_NOSIGNAL);
    if (taken < 0) {
        if (errno != EAGAIN) return 0;
        taken = 0;
    }
    if ((size_t)taken == size) return 1;
    size_t rest = size - (size_t)taken;
    if (one->waiting + rest > BACKLOG) return 0;
    if (!one->waiting) watch(fd, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
    one->late = realloc(one->late, one->waiting + rest);
    if (!one->late) abort();
    memcpy(one->late + one->waiting, what + taken, rest);
    one->waiting += rest;
    return 1;
}

static void go_on(int fd)
{
    struct member *one = &members[fd];
    ssize_t taken = send(fd, one->late + one->sent, one->waiting - one->sent, MSG_NOSIGNAL);
    if (taken < 0) return;
    one->sent += (size_t)taken;
    if (one->sent < one->waiting) return;
    free(one->late);
    one->late = NULL;
    one->waiting = one->sent = 0;
    watch(fd, EPOLL_CTL_MOD, EPOLLIN);
}

static size_t without(int who)
{
    static size_t room;
    size_t size = 0;
    piece = grown(piece, &room, said_size, 1);
    for (size_t at = 0; at < spans_size; at++) {
        if (spans[at].who == who) continue;
        memcpy(piece + size, said + spans[at].from, spans[at].to - spans[at].from);
        size += spans[at].to - spans[at].from;
    }
    return size;
}

static void tell(void)
{
    for (int at = count; at-- > 0;) {
        int fd = present[at];
        size_t size = said_size;
        const char *what = said;
        if (members[fd].spoke == turn) { size = without(fd); what = piece; }
        if (size && !give(fd, what, size)) leave(fd);
    }
    said_size = spans_size = 0;
}

int main(int count_of_words, char **words)
{
    if (count_of_words != 2) return 2;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    address.sin_port = htons((unsigned short)atoi(words[1]));
    int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) return 1;
    poll_fd = epoll_create1(0);
    watch(listener, EPOLL_CTL_ADD, EPOLLIN);
    static struct epoll_event events[EVENTS];
    for (turn = 1;; turn++) {
        int ready = epoll_wait(poll_fd, events, EVENTS, -1);
        for (int at = 0; at < ready; at++) {
            int fd = events[at].data.fd;
            if (fd == listener) { enter(listener); continue; }
            if (members[fd].here && events[at].events & EPOLLOUT) go_on(fd);
            if (members[fd].here && events[at].events & ~EPOLLOUT) hear(fd);
        }
        if (said_size) tell();
    }
}
