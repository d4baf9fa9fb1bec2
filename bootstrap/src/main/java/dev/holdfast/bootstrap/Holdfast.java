package dev.holdfast.bootstrap;

import dev.holdfast.bootstrap.command.HoldfastCommand;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Where the process begins. */
public final class Holdfast {
    private Holdfast() {}

    public static void main(String[] arguments) {
        // One log in one format, also of what logs by the JDK's own means.
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        System.exit(HoldfastCommand.run(arguments));
    }
}
