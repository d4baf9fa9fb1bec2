package dev.holdfast.endtoend.dialects;

import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.Command;
import dev.holdfast.endtoend.server.SharedServers.Shared;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A server with both of Dispatcharr's APIs and JobOps' next to them, an admin, and a viewer. */
final class SharedDispatcharr implements Shared {
    final DispatcharrInstallation server;
    final String viewer;
    final List<Answer> first;

    SharedDispatcharr(Path directory) throws Exception {
        server = DispatcharrInstallation.besideJobOps(directory);
        var answers = new ArrayList<Answer>();
        for (String path : List.of(
                DispatcharrCalls.BACKUPS,
                DispatcharrCalls.JOBS,
                DispatcharrCalls.SCHEDULE,
                DispatcharrCalls.SETTINGS)) {
            answers.add(server.call("GET", path));
        }
        first = List.copyOf(answers);
        Command.run(
                server.options.dataDir(),
                "password of vera",
                "user",
                "add",
                "vera",
                "--role",
                "viewer",
                "--password-stdin");
        viewer = server.signIn("vera", "password of vera").path("access").asText();
    }

    @Override
    public void close() {
        server.close();
    }
}
