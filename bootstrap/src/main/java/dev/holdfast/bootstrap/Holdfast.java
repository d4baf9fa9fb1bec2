package dev.holdfast.bootstrap;

import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.Micronaut;
import io.micronaut.runtime.server.EmbeddedServer;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The program's commands. */
@Command(
        name = "holdfast",
        description = "A backup server for SQLite.",
        mixinStandardHelpOptions = true,
        version = "Holdfast 0.1.0")
public final class Holdfast {

    private Holdfast() {}

    public static void main(String[] args) {
        int status = new CommandLine(new Holdfast())
                .addSubcommand("serve", new Serve())
                .execute(args);
        // A started server runs on after its command has returned.
        if (status != RUNNING) {
            System.exit(status);
        }
    }

    private static final int RUNNING = -1;

    @Command(description = "Runs the server.", mixinStandardHelpOptions = true)
    private static final class Serve implements Callable<Integer> {

        @Option(
                names = "--data-dir",
                description = "Where backups and the catalogue lie.",
                defaultValue = "holdfast-data")
        private String dataDirectory = "holdfast-data";

        @Option(names = "--host", description = "Address to listen at.", defaultValue = "127.0.0.1")
        private String host = "127.0.0.1";

        @Option(names = "--http-port", description = "0 takes a free one.", defaultValue = "8080")
        private int httpPort = 8080;

        @Override
        public Integer call() {
            ApplicationContext context = Micronaut.build(new String[0])
                    .mainClass(Holdfast.class)
                    .banner(false)
                    .properties(Map.of(
                            "holdfast.data-dir",
                            dataDirectory,
                            "micronaut.application.name",
                            "holdfast",
                            "micronaut.security.enabled",
                            "false",
                            "micronaut.server.host",
                            host,
                            "micronaut.server.port",
                            httpPort == 0 ? -1 : httpPort))
                    .start();
            System.out.println("REST   " + context.getBean(EmbeddedServer.class).getURI());
            return RUNNING;
        }
    }
}
