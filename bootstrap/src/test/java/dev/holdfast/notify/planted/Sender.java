package dev.holdfast.notify.planted;

/** An adapter that another one uses. */
public final class Sender {
    public void send() {}
}
