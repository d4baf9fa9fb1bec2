package dev.holdfast.rest.planted;

import dev.holdfast.notify.planted.Sender;

/** Calls a driven adapter past its port. */
final class SendingController {
    void call(Sender sender) {
        sender.send();
    }
}
