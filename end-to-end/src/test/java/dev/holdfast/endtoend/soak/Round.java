package dev.holdfast.endtoend.soak;

import dev.holdfast.domain.problem.Problem;
import dev.holdfast.endtoend.soak.Installation.Listed;
import dev.holdfast.endtoend.soak.Scenario.Reply;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** One operation with one fault, and what a look from outside finds wrong afterwards. */
final class Round {
    /** More than this many backups of one database slow each round down. */
    private static final int MANY_BACKUPS = 12;

    private static final long LONGEST_WORK = TimeUnit.SECONDS.toNanos(30);

    private static final String UNFORESEEN = new Problem.Internal(new IOException()).detail();

    private final Scenario scenario;
    private final Installation place;
    private final Group group;
    private final Disk disk;
    private final Fault fault;
    private final List<String> alarms = new ArrayList<>();
    private final Map<String, Listed> good = new LinkedHashMap<>();
    private final Set<String> earlier = new HashSet<>();

    private List<RecordedCall> calls = List.of();
    private boolean fired;
    private boolean isWholeRecord;
    private String phase = "arranging";

    private Round(Scenario scenario, Disk disk, Fault fault) {
        this.scenario = scenario;
        this.place = scenario.place();
        this.group = scenario.group();
        this.disk = disk;
        this.fault = fault;
    }

    /**
     * @param calls all that were recorded while the operation ran
     * @param fired whether there were enough calls for the fault
     * @param broken whether the installation cannot be used for further rounds
     */
    record Result(List<String> alarms, List<RecordedCall> calls, boolean fired, boolean broken) {
        Optional<RecordedCall> firstFaulty() {
            return calls.stream()
                    .filter(RecordedCall::isFaulty)
                    .filter(it -> it.number() > 0)
                    .findFirst();
        }
    }

    /** @param at a part of the path of each call that is counted; empty for all calls */
    static Result play(Scenario scenario, Disk disk, Fault fault, String at) {
        var round = new Round(scenario, disk, fault);
        boolean broken = false;
        round.place.kit().choose(at, "");
        round.isWholeRecord = at.isEmpty();
        try {
            round.play();
            broken = round.fault.kind() == FaultKind.WRITE_LOST && round.spoilsCatalogue();
            if (broken) {
                round.requireStartOrDamage();
            }
        } catch (Exception e) {
            round.place.kit().disarm();
            round.alarm(round.phase + ": " + e);
            broken = true;
        }
        return new Result(round.alarms, round.calls, round.fired, broken);
    }

    void alarm(String finding) {
        alarms.add(finding);
    }

    private void play() throws Exception {
        scenario.arrange();
        String before = group.content();
        if (place.isRunning()) {
            for (Listed it : place.list(group)) {
                earlier.add(it.filename());
                if (isGood(it)) {
                    good.put(it.filename(), it);
                }
            }
        }
        scenario.provoke();
        phase = "the operation";
        place.kit().arm(fault);
        Reply reply = scenario.act();
        fired = place.kit().hasFired();
        calls = place.kit().disarm();
        phase = "after " + reply;
        if (!place.isRunning()) {
            place.start(Map.of());
        }
        List<Listed> listed = place.list(group);
        requireGoodBackups(listed);
        scenario.judge(reply, before, listed, this);
        requireFullDisk(reply);
        requireSyncs(reply);
        followUp(reply, before);
        requireGoodBackups(place.list(group));
        trim();
    }

    boolean isGood(Listed backup) throws Exception {
        return backup.claimsToBeGood() && disk.isGood(place.store(group), backup);
    }

    private void requireGoodBackups(List<Listed> listed) throws Exception {
        var now = listed.stream().collect(Collectors.toMap(Listed::filename, it -> it));
        for (Listed before : good.values()) {
            Listed there = now.get(before.filename());
            if (there == null && !scenario.mayRemove(before)) {
                alarm("a good backup is listed no more: " + before.filename());
            }
            if (there != null && !isGood(there)) {
                alarm("a good backup is not good any more: " + there + " on disk "
                        + disk.find(place.store(group).resolve(before.filename())));
            }
        }
        for (Listed it : listed) {
            Path file = place.store(group).resolve(it.filename());
            if (it.claimsToBeGood() && !disk.isGood(place.store(group), it) && !isNoticed(it) && disk.isNews(file)) {
                alarm("listed as passed with origin " + it.origin() + ": " + it.filename() + ", on disk "
                        + disk.find(file).content()
                        + (disk.find(file).sha256().equals(it.sha256()) ? "" : ", with another SHA-256"));
            }
        }
    }

    /**
     * What a disk lost although it reported success is noticed: of metadata when they are read, so that the backup counts
     * as unchecked; of the backup when it is opened.
     */
    private boolean isNoticed(Listed backup) throws Exception {
        if (!fault.kind().isLie()) {
            return false;
        }
        if (!backup.claimsToBeGood()) {
            return true;
        }
        Reply reply = scenario.post("/api/v1/backup/" + backup.filename() + "/verify?database=" + group.name());
        return reply.json().at("/verification/state").asText().equals("corrupt");
    }

    void requireBackup(String filename, String content, List<Listed> listed) throws Exception {
        Optional<Listed> backup =
                listed.stream().filter(it -> it.filename().equals(filename)).findFirst();
        Path file = place.store(group).resolve(filename);
        if (backup.isEmpty()) {
            alarm("answered with the backup \"" + filename + "\", which is not listed; on disk " + disk.find(file));
        } else if (!disk.find(file).sha256().equals(backup.get().sha256()) && !isNoticed(backup.get())) {
            alarm("the backup has another SHA-256 than listed");
        } else if (!disk.find(file).content().equals(content) && !isNoticed(backup.get())) {
            alarm("the backup holds " + disk.find(file).content() + ", but the database held " + content);
        }
    }

    void requireUploaded(String filename, String sha256, List<Listed> listed) throws Exception {
        for (Listed it : listed) {
            if (it.filename().equals(filename) && !it.sha256().equals(sha256) && !isNoticed(it)) {
                alarm("the uploaded bytes are not those of the listed backup");
            }
        }
    }

    /** A refusal leaves no new backup, or names the one that it could not remove. */
    void requireNoNewBackup(Reply reply, List<Listed> listed) {
        listed.stream()
                .filter(it -> !earlier.contains(it.filename()))
                .filter(Listed::claimsToBeGood)
                .filter(it -> !reply.text("detail").contains("The backup \"" + it.filename() + "\" was written"))
                .forEach(it -> alarm("refused, but there is a new backup " + it.filename()));
    }

    /** Whatever a restore kept must be what was there. */
    void requireSafetyBackups(String before, List<Listed> listed) throws Exception {
        for (Listed it : listed) {
            if (!earlier.contains(it.filename()) && it.claimsToBeGood()) {
                String content =
                        disk.find(place.store(group).resolve(it.filename())).content();
                if (!content.equals(before)) {
                    alarm("the safety backup " + it.filename() + " is passed and holds " + content + ", but " + before
                            + " was replaced");
                }
            }
        }
    }

    void requireLive(String content, Reply reply) throws Exception {
        String now = group.content();
        if (!now.equals(content)) {
            alarm("answered " + reply.status() + ", but the live files hold " + now + " and not " + content);
        }
    }

    /** A refused restore has changed nothing, or says what the files hold. */
    void requireOldOrSaid(String before, Reply reply) throws Exception {
        String now = group.content();
        if (now.equals(before) || says(reply)) {
            return;
        }
        if (now.matches("L\\d+")) {
            alarm("answered " + reply + ", but the live files hold all of " + now + " (before: " + before + ")");
        } else if (place.isReady()) {
            alarm("answered " + reply + " and is ready, but the live files hold " + now + " (before: " + before + ")");
        }
    }

    /** Whether the answer itself says what the files hold: a failure with a text other than the one of all others. */
    private static boolean says(Reply reply) {
        return reply.text("code").equals("internal") && !reply.text("detail").equals(UNFORESEEN);
    }

    private void requireFullDisk(Reply reply) {
        if (fired
                && fault.kind().isFullDisk()
                && reply.status() >= 400
                && reply.status() != 507
                && scenario.answers()
                && !scenario.failsAnyway()
                && !isForAnInstant()
                && !says(reply)) {
            alarm("a full disk is answered with " + reply);
        }
    }

    /** SQLite reports a file that it cannot create without the reason, and afterwards the disk has room again. */
    private boolean isForAnInstant() {
        return !fault.kind().permanent()
                && calls.stream()
                        .filter(RecordedCall::isFaulty)
                        .anyMatch(it -> it.call() == SystemCall.CREATE
                                && it.path().toString().matches(".*\\.db-(wal|shm|journal)"));
    }

    private void requireSyncs(Reply reply) {
        if (isWholeRecord && !fault.kind().isLie()) {
            SyncOrder.check(calls, place.store(group), place.restores(), List.of(group.folder()), reply.succeeded())
                    .forEach(it -> alarm("a power cut could lose it: " + it));
        }
    }

    /** The faults are over: what the application writes stays, and the next backup and restore work. */
    private void followUp(Reply reply, String before) throws Exception {
        phase = "after " + reply + ", the next operation";
        String expected = "";
        if ((reply.succeeded() || place.isReady()) && group.content().matches("L\\d+")) {
            expected = place.nextLabel();
            group.write(expected);
        }
        Reply next = backUpWhenIdle();
        String now = group.content();
        if (!next.succeeded()) {
            if (!spoilsCatalogue()) {
                alarm("the next backup is refused: " + next);
            }
            place.restart();
            next = backUpWhenIdle();
            if (!next.succeeded()) {
                alarm("also after a restart the backup is refused: " + next);
                throw new IOException("stuck: " + next);
            }
            now = group.content();
        }
        if (!expected.isEmpty() && !now.equals(expected)) {
            alarm("what the application wrote after the answer " + reply.status() + " is gone: " + now + " and not "
                    + expected);
        }
        if (expected.isEmpty() && !now.equals(before) && !now.equals(scenario.newContent(before))) {
            alarm("neither old nor new after the next backup: " + now);
            throw new IOException("the live files hold " + now);
        }
        requireBackup(next.text("filename"), now, place.list(group));
        if (!place.isReady()) {
            alarm("not ready after the next backup");
        }
        if (scenario.changesLive() && (fired || !reply.succeeded())) {
            Reply again = scenario.restore(next.text("filename"));
            if (!again.succeeded() || !group.content().equals(now)) {
                alarm("the next restore answers " + again + ", and the live files hold " + group.content());
            }
        }
        if (fault.kind().isLie()) {
            // What a safety backup lost stays next to the live files, and the log names it.
            group.removeLeftovers();
        } else if (group.leftover().isPresent()) {
            place.restart();
            group.leftover().ifPresent(it -> alarm("left in the live folder after a restart: " + it.getFileName()));
        }
    }

    /** The plan's own work may still go on, such as an expiry after a backup that failed. */
    private Reply backUpWhenIdle() throws Exception {
        long end = System.nanoTime() + LONGEST_WORK;
        Reply reply = scenario.backUp();
        while (reply.text("code").equals("operation-in-progress") && System.nanoTime() < end) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            reply = scenario.backUp();
        }
        return reply;
    }

    /** The damage may show much later, so it is looked for now, and no further round gets this catalogue. */
    private void requireStartOrDamage() throws Exception {
        phase = "a start after a lost write to the catalogue";
        try {
            place.restart();
        } catch (ExecutionException e) {
            if (!String.valueOf(e.getMessage()).contains("is damaged; move it")) {
                throw e;
            }
        }
    }

    /** SQLite itself cannot know that a write to its file was lost; a start finds out and goes on, or says so. */
    private boolean spoilsCatalogue() {
        return fault.kind().isLie()
                && calls.stream()
                        .filter(RecordedCall::isFaulty)
                        .anyMatch(it -> it.path().startsWith(place.data())
                                && it.path().getFileName().toString().startsWith("holdfast.db"));
    }

    private void trim() throws Exception {
        List<Listed> listed = place.list(group);
        if (listed.size() > MANY_BACKUPS) {
            for (Listed it : listed.subList(0, listed.size() - 1)) {
                if (!it.origin().equals("automatic")) {
                    place.client().delete("/api/v1/backup/" + it.filename() + "?database=" + group.name());
                }
            }
        }
    }
}
