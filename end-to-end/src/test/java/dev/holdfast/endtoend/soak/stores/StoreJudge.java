package dev.holdfast.endtoend.soak.stores;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Eventually;
import dev.holdfast.endtoend.soak.stores.StoreAccount.Creation;
import dev.holdfast.endtoend.soak.stores.StoreAccount.Known;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Compares one disk with its account, the server's list and what its retention named, while nothing runs. */
final class StoreJudge {
    private static final String LOST = "an artifact vanished that neither a delete nor retention of its database named";
    private static final String MIXED = "a store holds what is not a whole copy of its own database";
    private static final String CONTRADICTED = "an answer and the disk disagree";
    private static final String MISLISTED = "a list differs from the disk";
    private static final String PINNED = "a pinned backup is deleted";

    private static final int MAX_LOOKS = 10;
    private static final Set<String> FINAL = Set.of("succeeded", "failed", "cancelled", "interrupted");

    private final StoreSite.Database database;
    private final StoreAccount account;
    private final StoreDisk disk;
    private final Findings findings;
    private final Set<String> seenExpiries = new HashSet<>();

    StoreJudge(StoreSite.Database database, Findings findings) {
        this.database = database;
        this.account = database.account();
        this.disk = database.disk();
        this.findings = findings;
    }

    /** What retention did since the last look. */
    private record Expiries(Set<String> removed, boolean uncertain) {}

    /** What the server lists, and what is on the disk, at one time. */
    private record Look(Map<String, Listed> listed, Map<String, Found> found, Expiries expiries) {}

    private record Found(ArtifactContent content, long size) {}

    /** A backup as the server lists it. */
    private record Listed(String sha256, String origin, String verification, boolean pinned) {}

    void judge(Client client) throws Exception {
        Look look = look(client);
        Map<String, Listed> listed = look.listed();
        Expiries expiries = look.expiries();
        Map<String, Known> before = account.artifacts();
        var now = new TreeMap<String, Known>();
        for (Map.Entry<String, Found> found : look.found().entrySet()) {
            String name = found.getKey();
            Known known = before.get(name);
            ArtifactContent content = found.getValue().content();
            if (known == null) {
                requireOwnContent(name, content);
                Listed entry = listed.get(name);
                now.put(name, new Known(content.sha256(), content.head(), entry == null ? "" : entry.origin()));
            } else {
                now.put(name, known);
                if (!content.sha256().equals(known.sha256())) {
                    findings.report(MIXED, path(name) + " has changed: " + content + ", before " + known);
                    now.put(name, new Known(content.sha256(), content.head(), known.origin()));
                }
            }
        }
        requireNothingLost(before, now, expiries);
        requireRetained(before, now);
        requireCreations(now, look.found(), expiries);
        for (String name : account.deletions()) {
            if (now.containsKey(name)) {
                findings.report(CONTRADICTED, path(name) + " is there, but a delete answered 200");
            }
        }
        for (String name : expiries.removed()) {
            if (now.containsKey(name)) {
                findings.report(CONTRADICTED, path(name) + " is there, but retention reported it as removed");
            }
        }
        requireListed(now, listed);
        account.replace(now);
        account.settle();
    }

    /** The list and the disk with no operation between the two: the plan's own work goes on after the requests. */
    private Look look(Client client) throws Exception {
        var removed = new HashSet<String>();
        boolean uncertain = false;
        for (int left = MAX_LOOKS; ; left--) {
            // First: one that begins after this look is another newest one at the end.
            String newest = newestOperation(client);
            Eventually.get(
                    () -> client.get("/api/v1/operations?state=running&database=" + database.name()),
                    it -> it.json().path("operations").isEmpty());
            Map<String, Listed> listed = list(client);
            Optional<Map<String, Found>> found = found(left == 1);
            Expiries expiries = expiries(client);
            removed.addAll(expiries.removed());
            uncertain |= expiries.uncertain();
            if (found.isPresent() && (left == 1 || newest.equals(newestOperation(client)))) {
                return new Look(listed, found.get(), new Expiries(removed, uncertain));
            }
        }
    }

    /** Empty if an artifact was removed while it was read. */
    private Optional<Map<String, Found>> found(boolean last) throws IOException {
        var found = new TreeMap<String, Found>();
        try {
            for (String name : disk.artifacts().keySet()) {
                found.put(name, new Found(disk.content(name), disk.size(name)));
            }
            return Optional.of(found);
        } catch (NoSuchFileException e) {
            if (last) {
                throw e;
            }
            return Optional.empty();
        }
    }

    private String newestOperation(Client client) throws Exception {
        return client.get("/api/v1/operations?page_size=1&database=" + database.name())
                .json()
                .at("/operations/0/id")
                .asText();
    }

    private String path(String name) {
        return "disk " + database.name() + ": " + name;
    }

    private void requireOwnContent(String name, ArtifactContent content) {
        EntryHistory history = database.history();
        if (!content.fault().isEmpty()) {
            findings.report(MIXED, path(name) + ": " + content.fault());
        } else if (!content.origins().equals(database.name())) {
            findings.report(MIXED, path(name) + " holds entries of " + content.origins());
        } else if (history.countUpTo(content.head()) != content.count()) {
            findings.report(
                    MIXED,
                    path(name) + " holds " + content.count() + " entries up to " + content.head() + ", expected "
                            + history.countUpTo(content.head()));
        }
    }

    private void requireNothingLost(Map<String, Known> before, Map<String, Known> now, Expiries expiries) {
        long planned = now.values().stream().filter(Known::isPlanned).count();
        before.forEach((name, known) -> {
            if (now.containsKey(name)) {
                return;
            }
            if (account.isPinned(name) && !account.wasUnpinned(name)) {
                findings.report(PINNED, path(name) + " is gone, and it was pinned");
            } else if (!account.mayBeDeleted(name)
                    && !expiries.removed().contains(name)
                    && !(expiries.uncertain() && known.isPlanned() && planned >= StoreSite.RETAINED)) {
                findings.report(LOST, path(name) + " (" + known + ")");
            }
        });
    }

    private void requireRetained(Map<String, Known> before, Map<String, Known> now) {
        long former = before.values().stream().filter(Known::isPlanned).count();
        long left = now.values().stream().filter(Known::isPlanned).count();
        if (left < Math.min(former, StoreSite.RETAINED)) {
            findings.report(
                    "retention left fewer planned backups than the plan says",
                    "disk " + database.name() + " has " + left + ", it had " + former);
        }
    }

    private void requireCreations(Map<String, Known> now, Map<String, Found> found, Expiries expiries) {
        for (Creation it : account.creations()) {
            String name = it.filename();
            Known known = now.get(name);
            Found there = found.get(name);
            if (known == null || there == null) {
                if (!account.mayBeDeleted(name) && !expiries.removed().contains(name)) {
                    findings.report(
                            CONTRADICTED, path(name) + " is not there, but " + it.request() + " answered that it is");
                }
                continue;
            }
            long size = there.size();
            if (size != it.size()) {
                findings.report(
                        CONTRADICTED,
                        path(name) + " has " + size + " bytes, but " + it.request() + " answered " + it.size());
            }
            if (!it.sha256().isEmpty() && !it.sha256().equals(known.sha256())) {
                findings.report(
                        CONTRADICTED,
                        path(name) + " has SHA-256 " + known.sha256() + ", but " + it.sha256() + " was sent");
            }
            boolean isTooOld = known.head() < it.oldest() && !database.history().hasRestores();
            if (it.sha256().isEmpty() && (isTooOld || known.head() > it.newest() + 1)) {
                findings.report(
                        CONTRADICTED,
                        path(name) + " ends with entry " + known.head() + ", but the database had " + it.oldest()
                                + " to " + it.newest() + " during " + it.request());
            }
        }
    }

    private void requireListed(Map<String, Known> now, Map<String, Listed> listed) {
        var names = new TreeSet<>(now.keySet());
        names.addAll(listed.keySet());
        for (String name : names) {
            Known known = now.get(name);
            Listed entry = listed.get(name);
            if (known == null || entry == null) {
                findings.report(
                        MISLISTED,
                        path(name) + (known == null ? " is listed and not there" : " is there and not listed"));
                continue;
            }
            if (!entry.sha256().equals(known.sha256())) {
                findings.report(
                        MISLISTED,
                        path(name) + " is listed with SHA-256 \"" + entry.sha256() + "\", origin " + entry.origin()
                                + ", verification " + entry.verification() + "; it has " + known.sha256());
            } else if (entry.verification().equals("corrupt")) {
                findings.report(MISLISTED, path(name) + " is whole, but is listed as corrupt");
            }
            if (!known.origin().isEmpty() && !entry.origin().equals(known.origin())) {
                findings.report(
                        MISLISTED,
                        path(name) + " is listed with origin " + entry.origin() + ", it was " + known.origin());
            }
            if (account.isPinUncertain(name)) {
                account.assumePin(name, entry.pinned());
            } else if (entry.pinned() != account.isPinned(name)) {
                findings.report(
                        MISLISTED,
                        path(name) + " is listed with pinned " + entry.pinned() + ", the last answer was "
                                + account.isPinned(name));
                account.assumePin(name, entry.pinned());
            }
        }
    }

    private Map<String, Listed> list(Client client) throws Exception {
        var listed = new HashMap<String, Listed>();
        String token = "";
        do {
            Client.Answer answer = client.get("/api/v1/backup?page_size=200&database=" + database.name()
                    + (token.isEmpty() ? "" : "&page_token=" + token));
            if (answer.status() != 200) {
                throw new IOException("the list of " + database.name() + ": " + answer.status() + " " + answer.text());
            }
            for (JsonNode it : answer.json().path("backups")) {
                listed.put(
                        it.path("filename").asText(),
                        new Listed(
                                it.path("sha256").asText(),
                                it.path("origin").asText(),
                                it.at("/verification/state").asText(),
                                it.path("pinned").asBoolean()));
            }
            token = answer.text("next_page_token").replace("null", "");
        } while (!token.isEmpty());
        return listed;
    }

    private Expiries expiries(Client client) throws Exception {
        JsonNode operations = client.get("/api/v1/operations?kind=expire&page_size=50&database=" + database.name())
                .json()
                .path("operations");
        var removed = new HashSet<String>();
        boolean uncertain = false;
        for (JsonNode it : operations) {
            if (!FINAL.contains(it.path("state").asText())) {
                uncertain = true; // what it removes is read after the next round
            } else if (seenExpiries.add(it.path("id").asText())) {
                it.at("/result/removed").forEach(name -> removed.add(name.asText()));
                uncertain |= !it.path("state").asText().equals("succeeded");
                findings.note(database.name() + ": retention "
                        + it.path("state").asText() + ", removed " + it.at("/result/removed") + " " + it.path("error"));
            }
        }
        return new Expiries(removed, uncertain);
    }
}
