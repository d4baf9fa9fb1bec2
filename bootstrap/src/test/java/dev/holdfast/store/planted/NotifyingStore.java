package dev.holdfast.store.planted;

import dev.holdfast.notify.planted.Sender;

/** Uses another adapter. */
final class NotifyingStore {
    void stored(Sender sender) {
        sender.send();
    }
}
