// roomload: subscribers of rooms and one publisher (one thread, epoll), for measuring a server on 127.0.0.1.
//
//   cc -O2 -o roomload roomload.c connection.c process.c publisher.c subscriber.c
//   roomload POST PORT PID...   takes commands from its input, a line each; what it posts goes to the port POST, and the
//                               subscribers go to the servers with these ports and processes, in turns
//
//   open WAY COUNT ROOMS PATH       subscribers, by socket, events, iframe or poll; a %d in PATH becomes the number of
//                                   one of ROOMS rooms, in turns
//   stall WAY COUNT BUFFER PATH     subscribers that never read, with a receive buffer of so many bytes
//   publish BYTES SECONDS EACH PATH posts a message, waits until every subscriber heard EACH, and so on; at least one
//   steady BYTES SECONDS RATE PATH  posts so many messages a second, and then waits until every subscriber heard all
//   fill BYTES COUNT PATH           posts so many messages, and waits for no subscriber
//
// It answers each with a line of JSON: what was posted and heard, the servers' CPU seconds meanwhile, and how long a
// message took from the post to each subscriber, and from the answer to the post, zero if that came later. A lost connection, a lost message or one out of turn is a failure,
// which is said too. Who stalls is neither counted nor looked at.
#define _GNU_SOURCE
#include "connection.h"
#include "process.h"
#include "publisher.h"
#include "subscriber.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { MAX_SUBSCRIBERS = 1 << 15, PUBLISHER, COMMANDS };
enum { MAX_SAMPLES = 1 << 22, MAX_IN_FLIGHT = 1 << 10, MAX_SERVERS = 8, PATIENCE = 60 };

typedef struct { int port, pid; } Server;

static Subscriber subscribers[MAX_SUBSCRIBERS], stalled[MAX_SUBSCRIBERS];
static int subscriber_count, stalled_count, server_count, publisher_port, epfd;
static Server servers[MAX_SERVERS];
static uint32_t posted;
static bool is_told; // that a command waits
static double sent_at[MAX_IN_FLIGHT], answered_at[MAX_IN_FLIGHT]; // message i, modulo
static double *samples, *samples_after_answer;
static size_t sample_count;

static void note_message(uint32_t number) {
    if (!number || sample_count == MAX_SAMPLES) return;
    double time = now();
    samples[sample_count] = time - sent_at[number % MAX_IN_FLIGHT];
    samples_after_answer[sample_count++] = number <= answered ? time - answered_at[number % MAX_IN_FLIGHT] : 0;
}

static bool read_answers(void) {
    uint64_t before = answered;
    bool goes_on = publisher_read();
    for (double time = now(); before < answered; ) answered_at[++before % MAX_IN_FLIGHT] = time;
    return goes_on;
}

static void watch(int fd, uint32_t number) {
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = number};
    epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event);
}

// Waits for something to read, no longer than so many seconds, and reads it.
static void read_some(double seconds) {
    struct epoll_event events[512];
    int count = epoll_wait(epfd, events, 512, (int)(seconds * 1000));
    for (int i = 0; i < count; i++) {
        uint32_t number = events[i].data.u32;
        if (number == COMMANDS) { is_told = true; continue; }
        bool goes_on = number == PUBLISHER ? read_answers() : subscriber_read(&subscribers[number]);
        if (goes_on) continue;
        failures += number == PUBLISHER;
        epoll_ctl(epfd, EPOLL_CTL_DEL, number == PUBLISHER ? publisher_fd : subscribers[number].fd, 0);
    }
}

// Reads until a count has grown to this, and does not sleep: the server would pay for waking us, more often the faster
// we are, and a client of another machine costs it nothing like that.
static void read_until(const uint64_t *count, uint64_t goal) {
    double end = now() + PATIENCE;
    while (*count < goal && !failures && now() < end) read_some(0);
    failures += *count < goal;
}

static void post(size_t bytes, const char *path) {
    sent_at[++posted % MAX_IN_FLIGHT] = now();
    failures += !publisher_post(publisher_port, path, bytes, posted);
}

static void open_subscribers(const char *way, int count, int rooms, const char *path) {
    bool is_answered_later = !strcmp(way, "poll");
    opened = 0;
    for (int i = 0; i < count && !failures && subscriber_count < MAX_SUBSCRIBERS; i++) {
        char own[256];
        snprintf(own, sizeof own, path, i % rooms);
        int port = servers[i % server_count].port;
        failures += !subscriber_open(&subscribers[subscriber_count], way, own, subscriber_count, port, 0);
        watch(subscribers[subscriber_count].fd, subscriber_count);
        subscriber_count++;
    }
    if (!is_answered_later) read_until(&opened, count);
}

static void open_stalled(const char *way, int count, int buffer, const char *path) {
    for (int i = 0; i < count && !failures && stalled_count < MAX_SUBSCRIBERS; i++) {
        Subscriber *one = &stalled[stalled_count++];
        int port = servers[i % server_count].port;
        failures += !subscriber_open(one, way, path, stalled_count, port, buffer) || !subscriber_wait(one);
    }
}

static void publish(size_t bytes, double seconds, int each, const char *path) {
    double end = now() + seconds;
    do {
        uint64_t goal = heard + (uint64_t)each * subscriber_count, answers = answered + 1;
        post(bytes, path);
        read_until(&heard, goal);
        read_until(&answered, answers);
        failures += heard > goal;
    } while (now() < end && !failures);
}

static void steady(size_t bytes, double seconds, double rate, const char *path) {
    double start = now();
    uint64_t goal = heard, answers = answered;
    for (int i = 0; i < seconds * rate && !failures; i++) {
        double due = start + i / rate;
        while (now() < due) read_some(heard < goal ? 0 : due - now());
        post(bytes, path);
        goal += subscriber_count; answers++;
    }
    read_until(&heard, goal);
    read_until(&answered, answers);
}

static void fill(size_t bytes, int count, const char *path) {
    for (int i = 0; i < count && !failures; i++) {
        uint64_t answers = answered + 1;
        post(bytes, path);
        read_until(&answered, answers);
    }
}

static int by_value(const void *a, const void *b) {
    double x = *(double *)a, y = *(double *)b;
    return (x > y) - (x < y);
}

static double percentile(const double *sorted, double p) {
    return sample_count ? sorted[(size_t)(p * (sample_count - 1))] * 1e6 : 0;
}

static double sum_over_servers(double (*seconds)(int pid)) {
    double sum = 0;
    for (int i = 0; i < server_count; i++) sum += seconds(servers[i].pid);
    return sum;
}

static bool obey(const char *line) {
    char way[16], path[256]; int one, two; double time, rate; size_t size;
    if (sscanf(line, "open %15s %d %d %255s", way, &one, &two, path) == 4) open_subscribers(way, one, two, path);
    else if (sscanf(line, "stall %15s %d %d %255s", way, &one, &two, path) == 4) open_stalled(way, one, two, path);
    else if (sscanf(line, "publish %zu %lf %d %255s", &size, &time, &one, path) == 4) publish(size, time, one, path);
    else if (sscanf(line, "steady %zu %lf %lf %255s", &size, &time, &rate, path) == 4) steady(size, time, rate, path);
    else if (sscanf(line, "fill %zu %d %255s", &size, &one, path) == 3) fill(size, one, path);
    else return false;
    return true;
}

int main(int argc, char **argv) {
    if (argc < 4 || argc % 2 || argc > 2 + 2 * MAX_SERVERS) {
        fprintf(stderr, "usage: roomload POST PORT PID...\n");
        return 2;
    }
    publisher_port = atoi(argv[1]);
    for (int i = 2; i < argc; i += 2) servers[server_count++] = (Server){atoi(argv[i]), atoi(argv[i + 1])};
    raise_file_limit();
    epfd = epoll_create1(0);
    samples = malloc(sizeof *samples * MAX_SAMPLES);
    samples_after_answer = malloc(sizeof *samples * MAX_SAMPLES);
    on_message = note_message;
    if (!publisher_connect(publisher_port)) return 1;
    watch(publisher_fd, PUBLISHER);
    watch(STDIN_FILENO, COMMANDS);
    for (char line[512];;) {
        // Meanwhile pings are answered.
        while (!is_told) read_some(1);
        is_told = false;
        if (!fgets(line, sizeof line, stdin)) break;
        uint64_t heard_before = heard, posted_before = posted;
        double cpu = sum_over_servers(cpu_seconds), system = sum_over_servers(system_seconds);
        sample_count = 0;
        if (!obey(line)) { fprintf(stderr, "expected a command, found %s", line); return 2; }
        cpu = sum_over_servers(cpu_seconds) - cpu; system = sum_over_servers(system_seconds) - system;
        qsort(samples, sample_count, sizeof *samples, by_value);
        qsort(samples_after_answer, sample_count, sizeof *samples, by_value);
        printf("{\"posts\":%lu,\"deliveries\":%lu,\"cpu_s\":%.2f,\"system_s\":%.2f",
            posted - posted_before, heard - heard_before, cpu, system);
        printf(",\"p50_us\":%.0f,\"p99_us\":%.0f,\"max_us\":%.0f", percentile(samples, .5), percentile(samples, .99),
            percentile(samples, 1));
        printf(",\"answer_p50_us\":%.0f,\"answer_p99_us\":%.0f", percentile(samples_after_answer, .5),
            percentile(samples_after_answer, .99));
        printf(",\"failures\":%lu,\"answer\":%s}\n", failures, *last_answer ? last_answer : "null");
        fflush(stdout);
    }
    return failures != 0;
}
