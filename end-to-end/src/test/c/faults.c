/*
 * A library that is preloaded into a server and interferes with its file system calls.
 *
 * It counts the calls that concern chosen paths. The n-th one, or each one from the n-th on, fails, is short, is late or
 * is lost: it reports success and does nothing. Or the process of a file system is stopped before it, so that it hangs.
 * A control file that is mapped into both processes says what to do, so nothing has to be started again between two
 * faults. Each counted call that changes something is recorded there with its result, in an order that never claims
 * more than a power cut would leave: a sync is recorded at its beginning, everything else at its end.
 *
 * The environment variable FAULT_KIT_CONTROL names the control file; without it the library does nothing. The layout is
 * repeated in FaultKit.java.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum call {
    WRITE, PWRITE, COPY_FILE_RANGE, SENDFILE, FALLOCATE, FSYNC, FDATASYNC, FTRUNCATE, CREATE, RENAME, RENAMEAT2, LINK,
    UNLINK, MKDIR, RMDIR,
    OPEN, READ /* change nothing, are never recorded, and can only be stopped at */
};

enum effect { NONE, FAIL, SHORT, LATE, LOST, KILL, STOP };

#define RECORDS 65536
#define PATH_BYTES 240
#define PREFIX_BYTES 256
#define PART_BYTES 128

struct record {
    _Atomic uint32_t complete;
    uint32_t call;
    uint32_t effect;
    int32_t error;
    int64_t amount; /* bytes; of a create 1 if the file was there before, of a rename's exchange 2 */
    uint32_t number;
    uint32_t unused;
    char path[PATH_BYTES];
    char other[PATH_BYTES];
};

struct control {
    _Atomic uint32_t armed;
    uint32_t effect;
    uint32_t calls; /* a bit for each call */
    uint32_t number;
    uint32_t permanent;
    int32_t error;
    uint32_t delay_millis;
    _Atomic uint32_t counter;
    _Atomic uint32_t fired;
    _Atomic uint32_t recording;
    _Atomic uint32_t recorded;
    uint32_t before_calls; /* a call of these that concerns before_part fails once before anything is counted */
    int64_t clock_seconds; /* by how much the clock is set forward */
    int32_t before_error;
    _Atomic uint32_t before_fired;
    uint32_t process; /* the one that STOP stops before the call is made: that of a file system, which then hangs */
    uint32_t unused;
    char prefix[PREFIX_BYTES];
    char part[PART_BYTES]; /* which a path has to contain; empty for any */
    char except[PART_BYTES]; /* which a path must not contain; empty for nothing */
    char before_part[PART_BYTES]; /* empty if nothing comes first */
    struct record records[RECORDS];
};

static struct control *control;

#define REAL(result, name, ...) \
    typedef result (*name##_type)(__VA_ARGS__); \
    static name##_type real_##name; \
    static name##_type find_##name(void) { \
        if (!real_##name) { \
            real_##name = (name##_type) dlsym(RTLD_NEXT, #name); \
        } \
        return real_##name; \
    }

REAL(ssize_t, write, int, const void *, size_t)
REAL(ssize_t, read, int, void *, size_t)
REAL(ssize_t, pread64, int, void *, size_t, off64_t)
REAL(ssize_t, writev, int, const struct iovec *, int)
REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t)
REAL(ssize_t, copy_file_range, int, off64_t *, int, off64_t *, size_t, unsigned)
REAL(ssize_t, sendfile64, int, int, off64_t *, size_t)
REAL(int, fallocate64, int, int, off64_t, off64_t)
REAL(int, posix_fallocate64, int, off64_t, off64_t)
REAL(int, fsync, int)
REAL(int, fdatasync, int)
REAL(int, ftruncate64, int, off64_t)
REAL(int, open64, const char *, int, ...)
REAL(int, openat64, int, const char *, int, ...)
REAL(int, rename, const char *, const char *)
REAL(int, renameat, int, const char *, int, const char *)
REAL(int, renameat2, int, const char *, int, const char *, unsigned)
REAL(int, link, const char *, const char *)
REAL(int, linkat, int, const char *, int, const char *, int)
REAL(int, unlink, const char *)
REAL(int, unlinkat, int, const char *, int)
REAL(int, mkdir, const char *, mode_t)
REAL(int, clock_gettime, clockid_t, struct timespec *)
REAL(int, mkdirat, int, const char *, mode_t)

__attribute__((constructor)) static void map_control(void) {
    const char *name = getenv("FAULT_KIT_CONTROL");
    int fd = name ? find_open64()(name, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0) {
        return;
    }
    void *mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped != MAP_FAILED) {
        control = mapped;
    }
}

/* The path of an open file, as it is called now. */
static void path_of(int fd, char *path) {
    char name[32] = "/proc/self/fd/";
    char digits[12];
    int count = 0, at = (int) strlen(name);
    unsigned rest = (unsigned) fd;
    do {
        digits[count++] = (char) ('0' + rest % 10);
        rest /= 10;
    } while (rest);
    while (count) {
        name[at++] = digits[--count];
    }
    name[at] = 0;
    ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, name, path, PATH_MAX - 1);
    path[length < 0 ? 0 : length] = 0;
    static const char deleted[] = " (deleted)";
    size_t tail = sizeof deleted - 1;
    if (length > (ssize_t) tail && !memcmp(path + length - tail, deleted, tail)) {
        path[length - tail] = 0;
    }
}

static void path_at(int directory, const char *name, char *path) {
    size_t length = 0;
    if (name[0] != '/') {
        if (directory == AT_FDCWD) {
            ssize_t read = syscall(SYS_readlinkat, AT_FDCWD, "/proc/self/cwd", path, PATH_MAX - 1);
            length = read < 0 ? 0 : (size_t) read;
        } else {
            path_of(directory, path);
            length = strlen(path);
        }
        if (length < PATH_MAX - 1) {
            path[length++] = '/';
        }
    }
    size_t rest = strnlen(name, PATH_MAX - 1 - length);
    memcpy(path + length, name, rest);
    path[length + rest] = 0;
}

static int is_chosen(const char *path) {
    return *control->prefix && !strncmp(path, control->prefix, strlen(control->prefix))
            && (!*control->part || strstr(path, control->part))
            && (!*control->except || !strstr(path, control->except));
}

struct seen {
    enum effect effect;
    uint32_t number;
    int32_t error;
};

/* Whether the calls that concern this path are watched at all. */
static int is_watched(void) {
    return control && (atomic_load(&control->armed) || atomic_load(&control->recording));
}

static struct seen see(enum call call, int chosen, const char *path) {
    struct seen seen = {NONE, 0, control->error};
    if (!chosen || !atomic_load(&control->armed)) {
        return seen;
    }
    if (*control->before_part && !atomic_load(&control->before_fired)) {
        uint32_t first = 0;
        if ((control->before_calls & (1u << call)) && strstr(path, control->before_part)
                && atomic_compare_exchange_strong(&control->before_fired, &first, 1)) {
            seen.effect = FAIL;
            seen.error = control->before_error;
        }
        return seen;
    }
    if (!(control->calls & (1u << call))) {
        return seen;
    }
    seen.number = atomic_fetch_add(&control->counter, 1) + 1;
    if (seen.number == control->number || (control->permanent && seen.number > control->number)) {
        seen.effect = (enum effect) control->effect;
        atomic_fetch_add(&control->fired, 1);
        if (seen.effect == STOP) {
            kill((pid_t) control->process, SIGSTOP); /* and some time for it to stop */
        }
        if (seen.effect == LATE || seen.effect == STOP) {
            struct timespec delay = {control->delay_millis / 1000, (control->delay_millis % 1000) * 1000000L};
            syscall(SYS_nanosleep, &delay, NULL);
        }
        if (seen.effect == KILL) {
            kill(getpid(), SIGKILL);
        }
    }
    return seen;
}

static void copy_path(char *to, const char *from) {
    size_t length = strnlen(from, PATH_BYTES - 1);
    memcpy(to, from, length);
    to[length] = 0;
}

static struct record *reserve(int chosen, enum call call, struct seen seen, const char *path, const char *other) {
    if (!chosen || !atomic_load(&control->recording)) {
        return NULL;
    }
    uint32_t at = atomic_fetch_add(&control->recorded, 1);
    if (at >= RECORDS) {
        return NULL;
    }
    struct record *record = &control->records[at];
    record->call = call;
    record->effect = seen.effect;
    record->number = seen.number;
    copy_path(record->path, path);
    copy_path(record->other, other);
    return record;
}

static void finish(struct record *record, int64_t amount, int error) {
    if (record) {
        record->amount = amount;
        record->error = error;
        atomic_store(&record->complete, 1);
    }
}

#define WATCH_FD(CALL, fd) \
    char path[PATH_MAX]; \
    path_of(fd, path); \
    int chosen = is_chosen(path); \
    struct seen seen = see(CALL, chosen, path)

static int is_reading_watched(void) {
    return control && atomic_load(&control->armed) && (control->calls & (1u << READ | 1u << OPEN));
}

static void see_read(int fd) {
    if (is_reading_watched() && fd > 2) {
        int before = errno;
        WATCH_FD(READ, fd);
        (void) seen;
        errno = before;
    }
}

ssize_t read(int fd, void *bytes, size_t count) {
    see_read(fd);
    return find_read()(fd, bytes, count);
}

ssize_t pread64(int fd, void *bytes, size_t count, off64_t offset) {
    see_read(fd);
    return find_pread64()(fd, bytes, count, offset);
}

ssize_t pread(int fd, void *bytes, size_t count, off_t offset) {
    return pread64(fd, bytes, count, offset);
}

/* Lost bytes are skipped, as if they had been moved. */
static ssize_t skip(int fd, off64_t *offset, size_t count) {
    if (offset) {
        *offset += (off64_t) count;
    } else {
        syscall(SYS_lseek, fd, (off64_t) count, SEEK_CUR);
    }
    return (ssize_t) count;
}

/* A call that moves bytes to a file. */
#define MOVE_BYTES(CALL, fd, count, whole, half, lost) \
    if (!is_watched() || (fd) <= 2) { \
        return whole; \
    } \
    int before = errno; \
    WATCH_FD(CALL, fd); \
    ssize_t result; \
    errno = before; \
    if (seen.effect == FAIL) { \
        errno = seen.error; \
        result = -1; \
    } else if (seen.effect == LOST) { \
        result = lost; \
    } else if (seen.effect == SHORT && (count) > 1) { \
        result = half; \
    } else { \
        result = whole; \
    } \
    int after = errno; \
    finish(reserve(chosen, CALL, seen, path, ""), result, result < 0 ? after : 0); \
    errno = after; \
    return result

ssize_t write(int fd, const void *bytes, size_t count) {
    MOVE_BYTES(WRITE, fd, count, find_write()(fd, bytes, count), find_write()(fd, bytes, count / 2),
            skip(fd, NULL, count));
}

static size_t total(const struct iovec *parts, int count) {
    size_t sum = 0;
    for (int i = 0; i < count; i++) {
        sum += parts[i].iov_len;
    }
    return sum;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    MOVE_BYTES(WRITE, fd, total(parts, count), find_writev()(fd, parts, count),
            find_write()(fd, parts[0].iov_base, parts[0].iov_len / 2), skip(fd, NULL, total(parts, count)));
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
    MOVE_BYTES(PWRITE, fd, count, find_pwrite64()(fd, bytes, count, offset),
            find_pwrite64()(fd, bytes, count / 2, offset), (ssize_t) count);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
    return pwrite64(fd, bytes, count, offset);
}

static ssize_t available(int fd, off64_t *offset, size_t count) {
    struct stat status;
    off64_t at = offset ? *offset : (off64_t) syscall(SYS_lseek, fd, (off64_t) 0, SEEK_CUR);
    if (fstat(fd, &status) || at >= status.st_size) {
        return 0;
    }
    off64_t left = status.st_size - at;
    return left < (off64_t) count ? (ssize_t) left : (ssize_t) count;
}

ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t count, unsigned flags) {
    if (!is_watched()) {
        return find_copy_file_range()(in, from, out, to, count, flags);
    }
    WATCH_FD(COPY_FILE_RANGE, out);
    ssize_t result;
    if (seen.effect == FAIL) {
        errno = seen.error;
        result = -1;
    } else if (seen.effect == LOST) {
        size_t moved = (size_t) available(in, from, count);
        skip(in, from, moved);
        result = skip(out, to, moved);
    } else {
        size_t some = seen.effect == SHORT ? (size_t) available(in, from, count) / 2 : count;
        result = find_copy_file_range()(in, from, out, to, some ? some : count, flags);
    }
    int after = errno;
    finish(reserve(chosen, COPY_FILE_RANGE, seen, path, ""), result, result < 0 ? after : 0);
    errno = after;
    return result;
}

ssize_t sendfile64(int out, int in, off64_t *from, size_t count) {
    if (!is_watched()) {
        return find_sendfile64()(out, in, from, count);
    }
    WATCH_FD(SENDFILE, out);
    ssize_t result;
    if (seen.effect == FAIL) {
        errno = seen.error;
        result = -1;
    } else if (seen.effect == LOST) {
        size_t moved = (size_t) available(in, from, count);
        skip(in, from, moved);
        result = skip(out, NULL, moved);
    } else {
        size_t some = seen.effect == SHORT ? (size_t) available(in, from, count) / 2 : count;
        result = find_sendfile64()(out, in, from, some ? some : count);
    }
    int after = errno;
    finish(reserve(chosen, SENDFILE, seen, path, ""), result, result < 0 ? after : 0);
    errno = after;
    return result;
}

ssize_t sendfile(int out, int in, off_t *from, size_t count) {
    return sendfile64(out, in, from, count);
}

/* A call on an open file that moves nothing and returns 0 or -1. A sync is recorded at its beginning. */
#define CHANGE_FD(CALL, fd, amount, real) \
    if (!is_watched() || (fd) <= 2) { \
        return real; \
    } \
    WATCH_FD(CALL, fd); \
    struct record *early = (CALL) == FSYNC || (CALL) == FDATASYNC ? reserve(chosen, CALL, seen, path, "") : NULL; \
    int result = 0; \
    if (seen.effect == FAIL) { \
        errno = seen.error; \
        result = -1; \
    } else if (seen.effect != LOST) { \
        result = real; \
    } \
    int after = errno; \
    finish(early ? early : (CALL) == FSYNC || (CALL) == FDATASYNC ? NULL : reserve(chosen, CALL, seen, path, ""), \
            amount, result < 0 ? after : 0); \
    errno = after; \
    return result

int fsync(int fd) {
    CHANGE_FD(FSYNC, fd, 0, find_fsync()(fd));
}

int fdatasync(int fd) {
    CHANGE_FD(FDATASYNC, fd, 0, find_fdatasync()(fd));
}

int ftruncate64(int fd, off64_t length) {
    CHANGE_FD(FTRUNCATE, fd, length, find_ftruncate64()(fd, length));
}

int ftruncate(int fd, off_t length) {
    return ftruncate64(fd, length);
}

int fallocate64(int fd, int mode, off64_t offset, off64_t length) {
    CHANGE_FD(FALLOCATE, fd, length, find_fallocate64()(fd, mode, offset, length));
}

int fallocate(int fd, int mode, off_t offset, off_t length) {
    return fallocate64(fd, mode, offset, length);
}

static int allocate(int fd, off64_t offset, off64_t length) {
    errno = find_posix_fallocate64()(fd, offset, length);
    return errno ? -1 : 0;
}

static int watched_allocate(int fd, off64_t offset, off64_t length) {
    CHANGE_FD(FALLOCATE, fd, length, allocate(fd, offset, length));
}

/* Unlike the others this one returns the error. */
int posix_fallocate64(int fd, off64_t offset, off64_t length) {
    int before = errno;
    int error = watched_allocate(fd, offset, length) ? errno : 0;
    errno = before;
    return error;
}

int posix_fallocate(int fd, off_t offset, off_t length) {
    return posix_fallocate64(fd, offset, length);
}

static int create(int directory, const char *name, int flags, mode_t mode) {
    char path[PATH_MAX];
    path_at(directory, name, path);
    int chosen = is_chosen(path);
    struct seen seen = see(CREATE, chosen, path);
    struct stat status;
    int existed = chosen && !fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW);
    int result;
    if (seen.effect == FAIL) {
        errno = seen.error;
        result = -1;
    } else {
        result = find_openat64()(directory, name, flags, mode);
    }
    int after = errno;
    finish(reserve(chosen, CREATE, seen, path, ""), existed, result < 0 ? after : 0);
    errno = after;
    return result;
}

#define MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) { \
        va_list arguments; \
        va_start(arguments, flags); \
        mode = va_arg(arguments, mode_t); \
        va_end(arguments); \
    }

static int open_at(int directory, const char *name, int flags, mode_t mode) {
    if ((flags & O_CREAT) && is_watched()) {
        return create(directory, name, flags, mode);
    }
    if (is_reading_watched()) {
        char path[PATH_MAX];
        path_at(directory, name, path);
        see(OPEN, is_chosen(path), path);
    }
    return find_openat64()(directory, name, flags, mode);
}

int open64(const char *name, int flags, ...) {
    MODE(flags)
    return open_at(AT_FDCWD, name, flags, mode);
}

int open(const char *name, int flags, ...) {
    MODE(flags)
    return open_at(AT_FDCWD, name, flags, mode);
}

int openat64(int directory, const char *name, int flags, ...) {
    MODE(flags)
    return open_at(directory, name, flags, mode);
}

int openat(int directory, const char *name, int flags, ...) {
    MODE(flags)
    return open_at(directory, name, flags, mode);
}

int creat64(const char *name, mode_t mode) {
    return open64(name, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int creat(const char *name, mode_t mode) {
    return open64(name, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = find_clock_gettime()(clock, time);
    if (control && !result && clock == CLOCK_REALTIME) {
        time->tv_sec += control->clock_seconds;
    }
    return result;
}

/* A call that changes one name or two, and returns 0 or -1. */
#define CHANGE_NAMES(CALL, from_directory, from, to_directory, to, amount, real) \
    if (!is_watched()) { \
        return real; \
    } \
    char path[PATH_MAX], other[PATH_MAX]; \
    path_at(from_directory, from, path); \
    other[0] = 0; \
    if (*(to)) { \
        path_at(to_directory, to, other); \
    } \
    int chosen = is_chosen(path) || (*other && is_chosen(other)); \
    struct seen seen = see(CALL, chosen, path); \
    int result = 0; \
    if (seen.effect == FAIL) { \
        errno = seen.error; \
        result = -1; \
    } else if (seen.effect != LOST) { \
        result = real; \
    } \
    int after = errno; \
    finish(reserve(chosen, CALL, seen, path, other), amount, result < 0 ? after : 0); \
    errno = after; \
    return result

int rename(const char *from, const char *to) {
    CHANGE_NAMES(RENAME, AT_FDCWD, from, AT_FDCWD, to, 0, find_rename()(from, to));
}

int renameat(int from_directory, const char *from, int to_directory, const char *to) {
    CHANGE_NAMES(RENAME, from_directory, from, to_directory, to, 0,
            find_renameat()(from_directory, from, to_directory, to));
}

int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags) {
    CHANGE_NAMES(RENAMEAT2, from_directory, from, to_directory, to, flags,
            find_renameat2()(from_directory, from, to_directory, to, flags));
}

int link(const char *from, const char *to) {
    CHANGE_NAMES(LINK, AT_FDCWD, from, AT_FDCWD, to, 0, find_link()(from, to));
}

int linkat(int from_directory, const char *from, int to_directory, const char *to, int flags) {
    CHANGE_NAMES(LINK, from_directory, from, to_directory, to, 0,
            find_linkat()(from_directory, from, to_directory, to, flags));
}

int unlink(const char *name) {
    CHANGE_NAMES(UNLINK, AT_FDCWD, name, AT_FDCWD, "", 0, find_unlink()(name));
}

static int remove_directory(int directory, const char *name) {
    CHANGE_NAMES(RMDIR, directory, name, AT_FDCWD, "", 0, find_unlinkat()(directory, name, AT_REMOVEDIR));
}

static int remove_file(int directory, const char *name) {
    CHANGE_NAMES(UNLINK, directory, name, AT_FDCWD, "", 0, find_unlinkat()(directory, name, 0));
}

int unlinkat(int directory, const char *name, int flags) {
    return flags & AT_REMOVEDIR ? remove_directory(directory, name) : remove_file(directory, name);
}

int rmdir(const char *name) {
    return remove_directory(AT_FDCWD, name);
}

int mkdir(const char *name, mode_t mode) {
    CHANGE_NAMES(MKDIR, AT_FDCWD, name, AT_FDCWD, "", 0, find_mkdir()(name, mode));
}

int mkdirat(int directory, const char *name, mode_t mode) {
    CHANGE_NAMES(MKDIR, directory, name, AT_FDCWD, "", 0, find_mkdirat()(directory, name, mode));
}
