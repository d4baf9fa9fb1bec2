package dev.holdfast.endtoend.soak;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.soak.Installation.Listed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One operation of the server, with what must be true after it. */
abstract class Scenario {
    private static final Duration HOUR = Duration.ofHours(1);

    static final List<String> NAMES = List.of(
            "backup",
            "group backup",
            "restore",
            "group restore",
            "undo",
            "upload",
            "delete",
            "expiry",
            "plan change",
            "start");

    private final String name;
    private final Installation place;
    private final Group group;

    Scenario(String name, Installation place, String group) {
        this.name = name;
        this.place = place;
        this.group = place.group(group);
    }

    /** All operations, for one installation. */
    static List<Scenario> all(Installation place) {
        return List.of(
                new Backup("backup", place, "one"),
                new Backup("group backup", place, "pb"),
                new Restore("restore", place, "one"),
                new Restore("group restore", place, "pb"),
                new Undo(place),
                new Upload(place),
                new Delete(place),
                new Expiry(place),
                new PlanChange(place),
                new Start(place));
    }

    String name() {
        return name;
    }

    Installation place() {
        return place;
    }

    Group group() {
        return group;
    }

    @Override
    public String toString() {
        return name + " (" + place.journalMode() + ")";
    }

    /**
     * What the server answered.
     *
     * @param json empty if it answered nothing that can be read
     */
    record Reply(int status, JsonNode json) {
        static Reply of(Client.Answer answer) {
            return new Reply(answer.status(), answer.json());
        }

        boolean succeeded() {
            return status >= 200 && status < 300;
        }

        String text(String member) {
            return json.path(member).asText();
        }

        @Override
        public String toString() {
            return status + " " + text("code") + (text("detail").isEmpty() ? "" : " (" + text("detail") + ")");
        }
    }

    /** Prepares what the operation needs, without a fault. */
    void arrange() throws Exception {
        group.write(place.nextLabel());
    }

    /** Immediately before the fault is armed. */
    void provoke() throws Exception {}

    /** Whether what {@link #act} returns is the server's own answer. */
    boolean answers() {
        return true;
    }

    /** Whether the operation fails for a reason of its own, which its answer names whatever else fails. */
    boolean failsAnyway() {
        return false;
    }

    abstract Reply act() throws Exception;

    /** Whether the operation may change the live files at all. */
    boolean changesLive() {
        return false;
    }

    /** Whether the operation is allowed to remove this backup. */
    boolean mayRemove(Listed backup) {
        return false;
    }

    /** The content that the live files have if the operation succeeds. */
    String newContent(String before) {
        return before;
    }

    /**
     * What is wrong with the operation's own claims.
     *
     * @param before the live content when the operation began
     * @param listed after the operation
     */
    abstract void judge(Reply reply, String before, List<Listed> listed, Round round) throws Exception;

    Reply post(String path) throws Exception {
        return Reply.of(place.client().post(path));
    }

    Reply backUp() throws Exception {
        return post("/api/v1/backup?database=" + group.name());
    }

    Reply restore(String filename) throws Exception {
        return post("/api/v1/backup/" + filename + "/restore?database=" + group.name());
    }

    String requireBackUp() throws Exception {
        Reply reply = backUp();
        if (!reply.succeeded()) {
            throw new IOException("a backup without a fault: " + reply);
        }
        return reply.text("filename");
    }

    private static final class Backup extends Scenario {
        Backup(String name, Installation place, String group) {
            super(name, place, group);
        }

        @Override
        Reply act() throws Exception {
            return backUp();
        }

        @Override
        void judge(Reply reply, String before, List<Listed> listed, Round round) throws Exception {
            if (reply.succeeded()) {
                round.requireBackup(reply.text("filename"), before, listed);
            } else {
                round.requireNoNewBackup(reply, listed);
            }
        }
    }

    private static class Restore extends Scenario {
        private String base = "";
        private String baseContent = "";

        Restore(String name, Installation place, String group) {
            super(name, place, group);
        }

        @Override
        void arrange() throws Exception {
            if (base.isEmpty()
                    || place().list(group()).stream()
                            .noneMatch(it -> it.filename().equals(base))) {
                baseContent = place().nextLabel();
                group().write(baseContent);
                base = requireBackUp();
            }
            super.arrange();
        }

        @Override
        Reply act() throws Exception {
            return restore(base);
        }

        String base() {
            return base;
        }

        @Override
        boolean changesLive() {
            return true;
        }

        @Override
        String newContent(String before) {
            return baseContent;
        }

        @Override
        void judge(Reply reply, String before, List<Listed> listed, Round round) throws Exception {
            if (reply.succeeded()) {
                round.requireLive(baseContent, reply);
                String safety = reply.text("safety_backup");
                round.requireBackup(safety, before, listed);
            } else {
                round.requireOldOrSaid(before, reply);
            }
            round.requireSafetyBackups(before, listed);
        }
    }

    /** The second database cannot be written for once, so the first one and the directory have to come back. */
    private static final class Undo extends Restore {
        Undo(Installation place) {
            super("undo", place, "pb");
        }

        @Override
        boolean failsAnyway() {
            return true;
        }

        @Override
        void provoke() {
            String sidecar = place().journalMode().equals("WAL") ? "-wal" : "-journal";
            place().kit().failFirst(EnumSet.of(SystemCall.WRITE, SystemCall.PWRITE), "auxiliary.db" + sidecar);
        }
    }

    private static final class Upload extends Scenario {
        private byte[] content = {};
        private String label = "";

        Upload(Installation place) {
            super("upload", place, "one");
        }

        @Override
        void arrange() throws Exception {
            super.arrange();
            if (content.length == 0) {
                String name = requireBackUp();
                label = group().content();
                content = Files.readAllBytes(place().store(group()).resolve(name));
            }
        }

        @Override
        Reply act() throws Exception {
            return Reply.of(
                    place().client().upload("/api/v1/backup/upload?database=" + group().name(), "any.db", content));
        }

        @Override
        void judge(Reply reply, String before, List<Listed> listed, Round round) throws Exception {
            if (reply.succeeded()) {
                round.requireBackup(reply.text("filename"), label, listed);
                round.requireUploaded(reply.text("filename"), Disk.sha256(content), listed);
            } else {
                round.requireNoNewBackup(reply, listed);
            }
        }
    }

    private static final class Delete extends Scenario {
        private String doomed = "";

        Delete(Installation place) {
            super("delete", place, "one");
        }

        @Override
        void arrange() throws Exception {
            super.arrange();
            doomed = requireBackUp();
        }

        @Override
        Reply act() throws Exception {
            return Reply.of(place().client().delete("/api/v1/backup/" + doomed + "?database=" + group().name()));
        }

        @Override
        boolean mayRemove(Listed backup) {
            return backup.filename().equals(doomed);
        }

        @Override
        void judge(Reply reply, String before, List<Listed> listed, Round round) throws Exception {
            boolean isListed = listed.stream().anyMatch(it -> it.filename().equals(doomed));
            Path file = place().store(group()).resolve(doomed);
            if (reply.succeeded() && (isListed || Files.exists(file))) {
                round.alarm("deleted, but " + (isListed ? "still listed" : "its file is still there"));
            }
            if (isListed != Files.exists(file)) {
                round.alarm("listed " + isListed + ", but its file exists " + Files.exists(file));
            }
        }
    }

    /** A planned backup, and the retention that follows it. The clock is set forward to when it is due. */
    private static final class Expiry extends Scenario {
        private static final int RETAINED = 3;
        /** Several times what it takes; where nothing can be written, not even a failure appears. */
        private static final long PATIENCE = TimeUnit.SECONDS.toNanos(12);
        /** Of a backup that runs, on a busy machine. */
        private static final long LONGEST = TimeUnit.SECONDS.toNanos(60);

        private static final Pattern FAILED =
                Pattern.compile("holdfast_operations_total\\{database=\"timed\".*state=\"failed\".*} ([0-9.]+)");
        private boolean planned;

        Expiry(Installation place) {
            super("expiry", place, "timed");
        }

        @Override
        void arrange() throws Exception {
            super.arrange();
            if (!planned) {
                String plan = "{\"schedule\": {\"kind\": \"hourly\"}, \"retention\": {\"last\": " + RETAINED + "}}";
                Reply reply = Reply.of(place().client()
                        .send("PATCH", "/api/v1/backup/plan?database=timed", plan, "Content-Type", "application/json"));
                if (!reply.succeeded()) {
                    throw new IOException("plan: " + reply);
                }
                planned = true;
                for (int i = 0; i < 2 * RETAINED && made() < RETAINED; i++) {
                    act();
                }
                if (made() < RETAINED) {
                    throw new IOException("the plan made " + made() + " of " + RETAINED + " backups");
                }
            }
        }

        private long made() throws Exception {
            return place().list(group()).stream()
                    .filter(it -> it.origin().equals("automatic") && it.claimsToBeGood())
                    .count();
        }

        @Override
        Reply act() throws Exception {
            String lastBackup = newest("backup").path("id").asText();
            String lastExpiry = newest("expire").path("id").asText();
            double failures = failures();
            place().kit().advanceClock(HOUR);
            long end = System.nanoTime() + PATIENCE;
            long bound = System.nanoTime() + LONGEST;
            JsonNode backup = newest("backup");
            while (System.nanoTime() < (backup.path("state").asText().equals("running") ? bound : end)) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
                backup = newest("backup");
                if (!backup.path("id").asText().equals(lastBackup)
                        && backup.path("state").asText().equals("failed")) {
                    return new Reply(500, backup.path("error"));
                }
                if (failures() > failures) {
                    return new Reply(500, JsonNodeFactory.instance.objectNode().put("code", "not-recorded"));
                }
                JsonNode expiry = newest("expire");
                if (!expiry.path("id").asText().equals(lastExpiry)
                        && !expiry.path("state").asText().equals("running")) {
                    boolean complete = expiry.path("state").asText().equals("succeeded")
                            && expiry.at("/result/failed").isEmpty();
                    return new Reply(complete ? 200 : 500, expiry);
                }
            }
            return new Reply(599, newest("backup"));
        }

        /** Also those that could not be recorded. */
        private double failures() throws Exception {
            return FAILED.matcher(place().client().text("/metrics"))
                    .results()
                    .mapToDouble(it -> Double.parseDouble(it.group(1)))
                    .sum();
        }

        private JsonNode newest(String kind) throws Exception {
            return place().client()
                    .get("/api/v1/operations?database=timed&page_size=1&kind=" + kind)
                    .json()
                    .at("/operations/0");
        }

        @Override
        boolean answers() {
            return false;
        }

        /** The three newest before it: at most two of them are among the three newest after it. */
        @Override
        boolean mayRemove(Listed backup) {
            return backup.origin().equals("automatic");
        }

        @Override
        void judge(Reply reply, String before, List<Listed> listed, Round round) throws Exception {
            long good = 0;
            for (Listed it : listed) {
                good += it.origin().equals("automatic") && round.isGood(it) ? 1 : 0;
            }
            if (good < RETAINED) {
                round.alarm("retention left " + good + " good backups of " + RETAINED);
            }
        }
    }

    private static final class PlanChange extends Scenario {
        private int last = 10;
        private int asked;

        PlanChange(Installation place) {
            super("plan change", place, "one");
        }

        /** A disk that lies, or a restart, may have taken an earlier change back. */
        @Override
        void arrange() throws Exception {
            super.arrange();
            last = Math.max(10, inForce());
        }

        private int inForce() throws Exception {
            return place().client()
                    .get("/api/v1/backup/plan?database=one")
                    .json()
                    .at("/retention/last")
                    .asInt();
        }

        @Override
        Reply act() throws Exception {
            asked = last + 1;
            return Reply.of(place().client()
                    .send(
                            "PATCH",
                            "/api/v1/backup/plan?database=one",
                            "{\"retention\": {\"last\": " + asked + "}}",
                            "Content-Type",
                            "application/json"));
        }

        @Override
        void judge(Reply reply, String before, List<Listed> listed, Round round) throws Exception {
            int inForce = inForce();
            String stored = Sqlite.run(
                    place().catalogue().toString(),
                    "SELECT value FROM plan_terms WHERE database = 'one' AND name LIKE '%last'");
            if (reply.succeeded() && inForce != asked) {
                round.alarm("the changed plan is not in force: " + inForce + " for " + asked);
            }
            if (!reply.succeeded() && last != 10 && inForce != last) {
                round.alarm("the plan was changed although the answer is " + reply);
            }
            if ((reply.succeeded() || last != 10) && !stored.equals(Integer.toString(inForce))) {
                round.alarm("the plan in force has " + inForce + ", the stored one \"" + stored + "\"");
            }
        }
    }

    /** A start after a kill in the middle of a restore. */
    private static final class Start extends Restore {
        /** The numbers of the calls that change the restore's journal, what it replaces, or the store. */
        private List<Integer> steps = List.of();

        /** Neighbouring rounds begin far from one another. */
        private static final int STRIDE = 89;

        private int turn;

        Start(Installation place) {
            super("start", place, "pb");
        }

        @Override
        boolean answers() {
            return false;
        }

        @Override
        void arrange() throws Exception {
            super.arrange();
            if (steps.isEmpty()) {
                place().kit().record();
                Reply reply = restore(base());
                steps = steps(place().kit().disarm());
                if (!reply.succeeded()) {
                    throw new IOException("a restore without a fault: " + reply);
                }
                super.arrange();
            }
        }

        private List<Integer> steps(List<RecordedCall> calls) {
            List<Integer> found = new ArrayList<>();
            for (int i = 0; i < calls.size(); i++) {
                Path path = calls.get(i).path();
                if (Stream.of(place().restores(), group().folder(), place().store(group()))
                        .anyMatch(path::startsWith)) {
                    found.add(i + 1);
                }
            }
            return found;
        }

        @Override
        void provoke() throws Exception {
            place().kit().killAt(steps.get(turn++ * STRIDE % steps.size()));
            try {
                restore(base());
            } catch (IOException _) {
                place().server().awaitEnd();
            }
            place().kit().disarm();
            place().stop();
        }

        @Override
        Reply act() throws Exception {
            try {
                place().start(Map.of());
                return new Reply(200, JsonNodeFactory.instance.objectNode());
            } catch (ExecutionException e) {
                // It ended by itself, which is an answer too.
                return new Reply(
                        503,
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("code", "start-refused")
                                .put("detail", String.valueOf(e.getMessage())));
            }
        }

        /** All is decided when faults have ended and the next start is over; the round looks at that. */
        @Override
        void judge(Reply reply, String before, List<Listed> listed, Round round) throws Exception {
            String now = group().content();
            if (!now.equals(before) && !now.equals(newContent(before)) && place().isReady()) {
                round.alarm("ready, but the live files hold " + now);
            }
        }
    }
}
