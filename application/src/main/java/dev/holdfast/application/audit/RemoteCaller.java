package dev.holdfast.application.audit;

/**
 * Who makes a call, and from where.
 *
 * @param name as {@link dev.holdfast.application.access.Identity#name} has it
 * @param address of the other end of the connection
 */
public record RemoteCaller(String name, String address) {}
