package dev.holdfast.endtoend.soak.stores;

import dev.holdfast.endtoend.soak.stores.StoreSite.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Plays one disturbance under requests, and puts everything back as it was. */
final class DisturbedRound {
    private static final String STRAY = "something was written to or removed from a disk that is at the wrong place";
    private static final String UNDER = "something was written under a mount point";
    private static final Duration START_BOUND = Duration.ofSeconds(20);
    private static final int MAX_COPIES = 5;

    private final StoreSite site;
    private final StoreTraffic traffic;
    private final ControlWatch control;
    private final Random random;
    private final double pace;

    /** @param pace the factor of all pauses: 1 for a soak */
    DisturbedRound(StoreSite site, StoreTraffic traffic, ControlWatch control, Random random, double pace) {
        this.site = site;
        this.traffic = traffic;
        this.control = control;
        this.random = random;
        this.pace = pace;
    }

    void play(Disturbance disturbance) throws Exception {
        Database one = site.disturbed().get(random.nextInt(2));
        switch (disturbance) {
            case NOTHING -> work();
            case EXCHANGED -> exchange(false);
            case EXCHANGED_WHILE_STOPPED -> exchange(true);
            case UNMOUNTED -> {
                boolean calm = random.nextBoolean();
                begin(calm);
                unmount(one);
                traffic.resume();
                work();
            }
            case STARTED_BEFORE_MOUNT -> {
                stop();
                unmount(one);
                site.start();
                work();
            }
            case OLDER_COPY -> older(one, false);
            case OLDER_COPY_AT_START -> older(one, true);
            case FROZEN -> freeze(List.of(one));
            case BOTH_FROZEN -> freeze(site.disturbed());
            case FROZEN_AT_START -> startFrozen(one);
            case DETACHED -> {
                Thread operation = interrupted(one);
                site.findings().note(one.name() + ": " + one.requireMount().detach());
                pause(0, 1500);
                mount(one, one.disk());
                operation.join(StoreSite.ANSWER_BOUND);
            }
            case KILLED -> {
                interrupted(one);
                site.stop(true);
                if (random.nextInt(3) == 0) {
                    unmount(one);
                    site.start();
                    pause(100, 1000);
                }
            }
            case DEAD -> {
                throughFuse(one);
                interrupted(one);
                site.findings().note(one.name() + ": bindfs is killed");
                one.requireMount().killFuse();
                work();
            }
        }
        repair();
    }

    /** Requests at random, and perhaps planned backups with their retention. */
    private void work() throws IOException {
        pause(200, 1000);
        if (random.nextInt(4) > 0) {
            control.expectBackup();
            site.advanceHour();
            pause(1200, 2500);
        }
    }

    /** @param calm whether nothing may run when it happens: then nothing at all may change on the disks */
    private void begin(boolean calm) throws Exception {
        if (calm) {
            settle();
        } else {
            pause(0, 300);
        }
    }

    /** Waits until no operation runs and no planned backup is due. */
    void settle() throws Exception {
        traffic.pause();
        long end = System.nanoTime() + StoreSite.ANSWER_BOUND.toNanos();
        int idle = 0;
        while (idle < 3 && System.nanoTime() < end) {
            var client = site.client();
            boolean isIdle = client == null
                    || (!control.isWaiting()
                            && client.get("/api/v1/operations?state=running")
                                    .json()
                                    .path("operations")
                                    .isEmpty());
            idle = isIdle ? idle + 1 : 0;
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(client == null ? 1 : 120));
        }
        if (idle < 3) {
            site.findings().report("an operation does not end", "after " + StoreSite.ANSWER_BOUND);
        }
    }

    private void exchange(boolean stopped) throws Exception {
        boolean calm = stopped || random.nextBoolean();
        Database a = site.database("a");
        Database b = site.database("b");
        if (stopped) {
            stop();
        } else {
            begin(calm);
        }
        unmount(a);
        unmount(b);
        mount(a, b.disk());
        mount(b, a.disk());
        Map<StoreDisk, Map<String, String>> before = looks(calm, List.of(a.disk(), b.disk()));
        if (stopped) {
            site.start();
        }
        traffic.resume();
        work();
        compare(before);
    }

    private void older(Database one, boolean stopped) throws Exception {
        settle();
        var copy = new StoreDisk(site.root().resolve("copy-" + one.name()));
        copy(one.disk(), copy);
        site.findings().note(one.name() + ": its disk is copied");
        traffic.about(one.name()).backUp();
        traffic.resume();
        pause(200, 800);
        boolean calm = stopped || random.nextBoolean();
        if (stopped) {
            stop();
        } else {
            begin(calm);
        }
        unmount(one);
        mount(one, copy);
        Map<StoreDisk, Map<String, String>> before = looks(calm, List.of(copy));
        if (stopped) {
            site.start();
        }
        traffic.resume();
        work();
        compare(before);
    }

    /** The plan's own work may remove a file meanwhile. */
    private static void copy(StoreDisk from, StoreDisk to) throws IOException {
        for (int left = MAX_COPIES; ; left--) {
            StoreSite.delete(to.folder());
            try {
                MountPoint.run("cp", "-a", from.folder().toString(), to.folder().toString());
                return;
            } catch (IOException e) {
                if (left == 1) {
                    throw e;
                }
            }
        }
    }

    private static Map<StoreDisk, Map<String, String>> looks(boolean calm, List<StoreDisk> disks) throws IOException {
        var looks = new LinkedHashMap<StoreDisk, Map<String, String>>();
        for (StoreDisk disk : calm ? disks : List.<StoreDisk>of()) {
            looks.put(disk, disk.tree());
        }
        return looks;
    }

    private void compare(Map<StoreDisk, Map<String, String>> before) throws Exception {
        if (before.isEmpty()) {
            return;
        }
        settle();
        for (Map.Entry<StoreDisk, Map<String, String>> look : before.entrySet()) {
            StoreDisk disk = look.getKey();
            String difference = StoreDisk.difference(look.getValue(), disk.tree());
            if (!difference.isEmpty()) {
                site.findings().report(STRAY, disk.folder() + ": " + difference);
            }
        }
    }

    private void freeze(List<Database> which) throws Exception {
        for (Database it : which) {
            throughFuse(it);
        }
        if (random.nextBoolean()) {
            interrupted(which.getFirst());
        }
        for (Database it : which) {
            site.findings().note(it.name() + ": its store freezes");
            it.requireMount().freeze();
        }
        stayFrozen();
    }

    /** Until the control has its due backup, or is late with it. */
    private void stayFrozen() throws IOException {
        pause(200, 1000);
        control.expectBackup();
        site.advanceHour();
        while (control.isWaiting()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        pause(0, 5000);
        thaw();
    }

    private void thaw() throws IOException {
        for (Database it : site.disturbed()) {
            it.requireMount().thaw();
        }
        site.findings().note("no store is frozen any more");
    }

    private void startFrozen(Database one) throws Exception {
        throughFuse(one);
        stop();
        site.findings().note(one.name() + ": its store freezes");
        one.requireMount().freeze();
        Duration bound = site.scale(START_BOUND);
        CompletableFuture<Void> start = site.beginStart();
        if (StoreSite.isComplete(start, bound)) {
            stayFrozen();
        } else {
            site.findings().report("a start does not end while a store is frozen", one.name() + ": " + bound);
            thaw();
            start.get();
        }
    }

    /** Begins a long operation, and returns in the middle of it, more or less. */
    private Thread interrupted(Database one) {
        List<StoreTraffic.Request> all = StoreTraffic.Request.LONG;
        StoreTraffic.Request request = all.get(random.nextInt(all.size()));
        if (random.nextInt(6) == 0) {
            try {
                control.expectBackup();
            } catch (IOException e) {
                site.findings().note("c: " + e);
            }
            site.advanceHour();
            pause(700, 1500); // the plan is looked at once a second
        }
        Thread operation = traffic.begin(traffic.about(one.name()), request, new Random(random.nextLong()));
        LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(100, 120_000)));
        return operation;
    }

    private void stop() throws Exception {
        site.stop(random.nextBoolean());
    }

    private void throughFuse(Database one) throws IOException {
        if (!one.requireMount().isThroughFuse()) {
            unmount(one);
            one.requireMount().bindThroughFuse(one.disk());
            site.findings().note(one.name() + ": mounted through bindfs");
        }
    }

    private void unmount(Database one) throws IOException {
        site.findings().note(one.name() + ": " + one.requireMount().unmount());
    }

    private void mount(Database at, StoreDisk what) throws IOException {
        boolean fuse = random.nextBoolean();
        if (fuse) {
            at.requireMount().bindThroughFuse(what);
        } else {
            at.requireMount().bind(what);
        }
        site.findings()
                .note(at.name() + ": " + what.folder().getFileName()
                        + (fuse ? " is mounted through bindfs" : " is mounted"));
    }

    /** Every disk at its place, and the server runs. */
    private void repair() throws Exception {
        requireNothingUnder();
        for (Database it : site.disturbed()) {
            MountPoint mount = it.requireMount();
            StoreDisk present = mount.disk();
            if (present != null && (present != it.disk() || mount.isDead())) {
                unmount(it);
            }
        }
        for (Database it : site.disturbed()) {
            if (it.requireMount().disk() == null) {
                mount(it, it.disk());
            }
        }
        if (!site.isRunning()) {
            site.start();
        }
        site.findings().note("all disks are at their places");
    }

    private void requireNothingUnder() throws IOException {
        for (Database it : site.disturbed()) {
            Path under = it.under();
            if (under != null) {
                Map<String, String> found = StoreDisk.tree(under);
                if (!found.isEmpty()) {
                    site.findings().report(UNDER, it.name() + ": " + found.keySet());
                    StoreSite.empty(under);
                }
            }
        }
    }

    private void pause(int leastMillis, int mostMillis) {
        long millis = (long) (random.nextInt(leastMillis, mostMillis + 1) * pace);
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    }
}
