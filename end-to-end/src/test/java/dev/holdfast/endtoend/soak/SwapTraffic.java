package dev.holdfast.endtoend.soak;

import static java.util.Objects.requireNonNull;

import dev.holdfast.endtoend.server.Client.Answer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;

/** Clients that back up, restore and drill without a pause. Each answer is right or a known problem. */
final class SwapTraffic implements AutoCloseable {
    /** Some exchanges begin while no operation is under way. */
    private static final int MAX_PAUSE = (int) TimeUnit.MILLISECONDS.toNanos(30);

    private static final long PAUSE_OF_BLOG = TimeUnit.MILLISECONDS.toNanos(200);

    private final SwapSite site;
    private final Map<String, Integer> answers;
    private final Consumer<String> alarm;
    private final Map<String, AtomicInteger> underWay = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> begun = new ConcurrentHashMap<>();
    private final Map<String, ReadWriteLock> operations = new ConcurrentHashMap<>();
    private final List<Thread> clients = new ArrayList<>();
    private volatile boolean stop;

    /** @param answers counts each kind of answer */
    SwapTraffic(SwapSite site, Map<String, Integer> answers, Random random, Consumer<String> alarm) throws Exception {
        this.site = site;
        this.answers = answers;
        this.alarm = alarm;
        for (String name : List.of("app", "pb", "blog")) {
            underWay.put(name, new AtomicInteger());
            begun.put(name, new AtomicInteger());
            operations.put(name, new ReentrantReadWriteLock());
            List<String> backups = site.backups(name);
            var own = new Random(random.nextLong());
            clients.add(Thread.ofPlatform().unstarted(() -> ask(name, backups, own)));
        }
        clients.forEach(Thread::start);
    }

    boolean isUnderWay(String database) {
        return of(underWay, database).get() > 0;
    }

    /** The number of operations that have begun. */
    int begun(String database) {
        return of(begun, database).get();
    }

    /** Swaps while no operation on the database is under way, and none begins. */
    PathSwap.Undo between(PathSwap swap) throws IOException {
        Lock alone = of(operations, swap.database()).writeLock();
        alone.lock();
        try {
            return swap.swap();
        } finally {
            alone.unlock();
        }
    }

    private static <T> T of(Map<String, T> all, String database) {
        return requireNonNull(all.get(database), database);
    }

    private void ask(String name, List<String> backups, Random random) {
        while (!stop) {
            try {
                int kind = name.equals("blog") ? 0 : random.nextInt(10);
                if (kind < 5) {
                    send(name, "backup", "backup?database=" + name);
                } else if (kind < 8) {
                    String backup = backups.get(random.nextInt(backups.size()));
                    send(name, "restore", "backup/" + backup + "/restore?database=" + name);
                } else {
                    send(name, "drill", "backup/drill?database=" + name);
                }
                LockSupport.parkNanos(name.equals("blog") ? PAUSE_OF_BLOG : random.nextInt(MAX_PAUSE));
            } catch (Exception e) {
                alarm.accept("a request about " + name + " gets no answer: " + e);
                return;
            }
        }
    }

    private void send(String name, String operation, String path) throws Exception {
        Lock together = of(operations, name).readLock();
        together.lock();
        of(underWay, name).incrementAndGet();
        of(begun, name).incrementAndGet();
        Answer answer;
        try {
            answer = site.send("POST", path);
        } finally {
            of(underWay, name).decrementAndGet();
            together.unlock();
        }
        String code = answer.status() < 300 ? "done" : answer.text("code");
        if (code.equals("internal") && isUncertain(answer)) {
            code = "uncertain";
        }
        answers.merge(operation + " of " + name + ": " + code, 1, Integer::sum);
        if (code.equals("internal") || code.isEmpty()) {
            alarm.accept("an answer is no known problem: " + operation + " of " + name + ": " + answer.status() + " "
                    + site.lastError());
        }
    }

    /** A restore that could not look at its own end says so; what the database holds is looked at afterwards. */
    private static boolean isUncertain(Answer answer) {
        String detail = answer.text("detail");
        return detail.contains("before the restore") || detail.contains("holds the backup now");
    }

    @Override
    public void close() {
        stop = true;
        clients.forEach(SwapTraffic::join);
    }

    private static void join(Thread client) {
        try {
            client.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
