package dev.holdfast.http.download;

import dev.holdfast.application.backup.BackupDigests;
import dev.holdfast.application.backup.FindBackup;
import dev.holdfast.application.backup.OpenBackup;
import io.micronaut.context.annotation.Factory;
import jakarta.inject.Singleton;

@Factory
final class DownloadBeans {
    @Singleton
    BackupDigests digests(FindBackup find, OpenBackup open) {
        return new BackupDigests(find, open);
    }
}
