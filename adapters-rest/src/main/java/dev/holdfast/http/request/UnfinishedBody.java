package dev.holdfast.http.request;

import java.io.EOFException;
import java.net.SocketException;
import java.util.Arrays;
import org.slf4j.Logger;

/** A request whose client went away before the whole body had arrived. */
public final class UnfinishedBody {
    private static final int MAX_CAUSES = 10;

    private UnfinishedBody() {}

    /**
     * Logs that a call failed: as an error with its cause, or in one line for developers if the client went away. A client
     * without an account could otherwise fill the log.
     */
    public static void report(Logger log, String call, Throwable cause) {
        if (isCauseOf(cause)) {
            log.debug("{}: the client closed the connection before the request's body had arrived", call);
        } else {
            log.error("{}", call, cause);
        }
    }

    private static boolean isCauseOf(Throwable thrown) {
        Throwable next = thrown;
        for (int i = 0; i < MAX_CAUSES && next != null; i++) {
            if (isOfConnection(next)) {
                return true;
            }
            next = next.getCause();
        }
        return false;
    }

    /** An end of file or of a connection that Holdfast's own code met has its class before the server's. */
    private static boolean isOfConnection(Throwable thrown) {
        return (thrown instanceof EOFException || thrown instanceof SocketException)
                && Arrays.stream(thrown.getStackTrace())
                        .map(StackTraceElement::getClassName)
                        .filter(it -> !it.startsWith("java.") && !it.startsWith("sun."))
                        .findFirst()
                        .filter(it -> it.startsWith("io.netty.") || it.startsWith("io.micronaut.http.server.netty."))
                        .isPresent();
    }
}
