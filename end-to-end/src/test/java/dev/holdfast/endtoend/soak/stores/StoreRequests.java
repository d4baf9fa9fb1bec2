package dev.holdfast.endtoend.soak.stores;

import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.soak.stores.EntryHistory.Outcome;
import dev.holdfast.endtoend.soak.stores.EntryHistory.RestoreAttempt;
import dev.holdfast.endtoend.soak.stores.StoreAccount.Creation;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Requests about one database. What each answer claims goes into the account. */
final class StoreRequests {
    private static final AtomicInteger UPLOADS = new AtomicInteger();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final StoreSite site;
    private final StoreSite.Database database;
    private final StoreAccount account;
    private final Findings findings;
    private final Object pins = new Object();

    StoreRequests(StoreSite site, StoreSite.Database database) {
        this.site = site;
        this.database = database;
        this.account = database.account();
        this.findings = site.findings();
    }

    String name() {
        return database.name();
    }

    StoreAccount account() {
        return account;
    }

    private interface Call {
        Client.Answer send(Client client) throws Exception;
    }

    private String path(String rest) {
        return "/api/v1/backup" + rest + (rest.contains("?") ? "&" : "?") + "database=" + name();
    }

    /** @return empty if the server does not run or the connection ended before the answer */
    private Optional<Client.Answer> send(String request, Call call) {
        Client client = site.client();
        if (client == null) {
            return Optional.empty();
        }
        int starts = site.starts();
        long begin = System.nanoTime();
        findings.note(name() + ": " + request);
        try {
            Client.Answer answer = call.send(client);
            findings.note(name() + ": " + request + " → " + describe(answer) + " after "
                    + (System.nanoTime() - begin) / 1_000_000 + " ms");
            requireForeseen(request, answer);
            return Optional.of(answer);
        } catch (HttpTimeoutException e) {
            if (starts == site.starts() && site.client() == client) {
                findings.report("a request gets no answer", name() + ": " + request + ", " + StoreSite.ANSWER_BOUND);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            findings.note(name() + ": " + request + " → " + e);
            if (site.hasCrashed()) {
                findings.report("the server ended by itself", request + ": " + e);
            }
        }
        return Optional.empty();
    }

    private static String describe(Client.Answer answer) {
        String code = answer.text("code");
        return answer.status() + " "
                + (code.isEmpty() ? answer.text("filename") : code + " (" + answer.text("detail") + ")");
    }

    private void requireForeseen(String request, Client.Answer answer) {
        if (answer.status() == 500 || answer.text("code").equals("internal")) {
            findings.report(
                    "an answer is 500 or internal",
                    name() + ": " + request + " → " + answer.status() + "; logged: " + site.lastError());
        }
    }

    /** @return whether the backup was made */
    boolean backUp() {
        long oldest = account.history().head();
        Optional<Client.Answer> answer = send("backup", it -> it.post(path("")));
        answer.filter(it -> it.status() == 200)
                .ifPresent(it -> account.create(new Creation(
                        it.text("filename"),
                        it.json().path("size").asLong(),
                        oldest,
                        account.history().head(),
                        "",
                        "a backup")));
        return answer.filter(it -> it.status() == 200).isPresent();
    }

    void upload(String filename) throws IOException {
        byte[] content;
        try {
            content = Files.readAllBytes(account.disk().folder().resolve(filename));
        } catch (NoSuchFileException e) {
            return;
        }
        String name = String.format("app_20200101_%06d.db", UPLOADS.incrementAndGet());
        send("upload of " + filename + " as " + name, it -> it.upload(path("/upload"), name, content))
                .filter(it -> it.status() == 201)
                .ifPresent(it -> account.create(new Creation(
                        it.text("filename"), content.length, 0, 0, ArtifactContent.sha256(content), "an upload")));
    }

    void restore(String filename) {
        Optional<StoreAccount.Known> known = account.find(filename);
        if (known.isEmpty()) {
            return; // its content has not been looked at yet
        }
        RestoreAttempt attempt =
                account.history().beginRestore(filename, known.get().head());
        Optional<Client.Answer> answer =
                send("restore of " + filename, it -> it.post(path("/" + filename + "/restore")));
        Outcome outcome = answer.map(it -> it.status() == 200 ? Outcome.SUCCEEDED : Outcome.REFUSED)
                .orElse(Outcome.UNKNOWN);
        account.history()
                .endRestore(attempt, outcome)
                .ifPresent(it -> findings.report("a refused restore changed the database", name() + ": " + it));
        if (outcome == Outcome.SUCCEEDED) {
            requireRestored(filename, attempt, answer.orElseThrow().text("safety_backup"));
        }
    }

    private void requireRestored(String filename, RestoreAttempt attempt, String safety) {
        if (!database.writer().awaitNext(20)) {
            findings.report("a live database cannot be written", name() + ": no entry within 20 s after a restore");
        } else if (!account.history().hasTakenEffect(attempt)) {
            findings.report(
                    "a restore answered 200 and the database does not hold the backup",
                    name() + ": " + filename + " ends with " + attempt.head() + ", the database with "
                            + account.history().head());
        }
        try {
            ArtifactContent content = account.disk().content(safety);
            if (!account.history().mayHaveBeenReplaced(content.head(), attempt)) {
                findings.report(
                        "a safety backup does not hold what was replaced",
                        name() + ": " + safety + " ends with " + content.head() + ", the database had "
                                + attempt.headBefore());
            }
        } catch (IOException e) {
            if (!account.mayBeDeleted(safety)) {
                findings.report(
                        "an answer and the disk disagree",
                        name() + ": the safety backup " + safety + " of a restore is not on the disk: " + e);
            }
        }
    }

    void verify(String filename) {
        send("verification of " + filename, it -> it.post(path("/" + filename + "/verify")));
    }

    void drill() {
        send("drill", it -> it.post(path("/drill")));
    }

    void pin(String filename, boolean pinned) {
        synchronized (pins) {
            account.beginPin(filename, pinned);
            String body = "{\"pinned\": " + pinned + "}";
            int status = send(
                            (pinned ? "pin of " : "unpin of ") + filename,
                            it -> it.send("PATCH", path("/" + filename), body, "Content-Type", "application/json"))
                    .map(StoreRequests::knownStatus)
                    .orElse(0);
            account.endPin(filename, pinned, status);
        }
    }

    /** The status; 0 if the answer says that the change may happen or has happened nevertheless. */
    private static int knownStatus(Client.Answer answer) {
        String detail = answer.text("detail");
        return detail.contains("may still happen") || detail.contains("all the same") ? 0 : answer.status();
    }

    void delete(String filename) {
        account.beginDelete(filename);
        int status = send("delete of " + filename, it -> it.delete(path("/" + filename)))
                .map(StoreRequests::knownStatus)
                .orElse(0);
        account.endDelete(filename, status);
    }

    /** Compares a list with what the disk held immediately before and after it. */
    void list() throws IOException {
        Map<String, String> before = account.disk().artifacts();
        before.keySet().removeIf(it -> !account.disk().isDescribed(it));
        Optional<Client.Answer> answer = send("list", it -> it.get(path("?page_size=200")));
        Map<String, String> after = account.disk().artifacts();
        if (answer.isEmpty() || answer.get().status() != 200) {
            return;
        }
        Set<String> listed = new TreeSet<>();
        answer.get()
                .json()
                .path("backups")
                .forEach(it -> listed.add(it.path("filename").asText()));
        Set<String> missing = new TreeSet<>(before.keySet());
        missing.retainAll(after.keySet());
        missing.removeIf(it -> listed.contains(it) || !account.disk().isDescribed(it));
        if (!answer.get().text("next_page_token").replace("null", "").isEmpty()) {
            missing.clear(); // they are on a later page
        }
        Set<String> strange = new TreeSet<>(listed);
        strange.removeAll(before.keySet());
        strange.removeAll(after.keySet());
        if (!missing.isEmpty() || !strange.isEmpty()) {
            findings.report(
                    "a list answered 200 and is not of the disk that belongs to it",
                    name() + ": " + listed.size() + " listed; not listed " + missing + "; not on the disk " + strange);
        }
    }

    void download(String filename) {
        Optional<String> expected = account.find(filename).map(StoreAccount.Known::sha256);
        Client client = site.client();
        if (client == null || expected.isEmpty()) {
            return;
        }
        Supplier<String> what = () -> name() + ": download of " + filename;
        findings.note(what.get());
        try {
            URI address = site.address().resolve(path("/" + filename + "/download"));
            HttpResponse<byte[]> response = HTTP.send(
                    HttpRequest.newBuilder(address)
                            .timeout(StoreSite.ANSWER_BOUND)
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            findings.note(what.get() + " → " + response.statusCode());
            String sha256 = ArtifactContent.sha256(response.body());
            if (response.statusCode() == 200 && !sha256.equals(expected.get())) {
                findings.report("a download is not the backup", what.get() + ": " + sha256 + " for " + expected.get());
            } else if (response.statusCode() == 500) {
                findings.report("an answer is 500 or internal", what.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            findings.note(what.get() + " → " + e);
        }
    }
}
