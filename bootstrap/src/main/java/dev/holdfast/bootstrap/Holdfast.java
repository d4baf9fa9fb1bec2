package dev.holdfast.bootstrap;

import dev.holdfast.bootstrap.command.HoldfastCommand;

/** Where the process begins. */
public final class Holdfast {
    private Holdfast() {}

    public static void main(String[] arguments) {
        System.exit(HoldfastCommand.run(arguments));
    }
}
