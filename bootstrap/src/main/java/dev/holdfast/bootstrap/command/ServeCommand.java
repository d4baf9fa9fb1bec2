package dev.holdfast.bootstrap.command;

import dev.holdfast.bootstrap.server.Server;
import dev.holdfast.bootstrap.settings.Settings;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "serve", description = "Runs the server until it is told to stop (SIGTERM, Ctrl-C).")
final class ServeCommand implements Callable<Integer> {
    @Mixin
    SharedOptions common = new SharedOptions();

    @Option(names = "--host", paramLabel = "H", description = "Address to listen on; 127.0.0.1 if nothing else is set.")
    @Nullable
    String host;

    @Option(names = "--http-port", paramLabel = "N", description = "8080 if nothing else is set; 0 takes a free one.")
    @Nullable
    String httpPort;

    @Option(names = "--grpc-port", paramLabel = "N", description = "50051 if nothing else is set; 0 takes a free one.")
    @Nullable
    String grpcPort;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        Map<String, String> commandLine = common.settings();
        SharedOptions.put(commandLine, "holdfast.http.host", host);
        SharedOptions.put(commandLine, "holdfast.grpc.host", host);
        SharedOptions.put(commandLine, "holdfast.http.port", httpPort);
        SharedOptions.put(commandLine, "holdfast.grpc.port", grpcPort);
        var settings = Settings.read(common.config(), System.getenv(), commandLine);
        PrintWriter out = spec.commandLine().getOut();
        Server server = Server.start(settings, System.getenv(), line -> {
            out.println(line);
            out.flush();
        });
        Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop"));
        server.awaitStop();
        return 0;
    }
}
