package dev.holdfast.grpc.service;

import dev.holdfast.application.backup.CreateBackup;
import dev.holdfast.application.backup.DeleteBackup;
import dev.holdfast.application.backup.FindBackup;
import dev.holdfast.application.backup.ListBackups;
import dev.holdfast.application.backup.OpenBackup;
import dev.holdfast.application.backup.PruneBackups;
import dev.holdfast.application.backup.RestoreBackup;
import dev.holdfast.application.backup.ResumeRetention;
import dev.holdfast.application.backup.RunRestoreDrill;
import dev.holdfast.application.backup.UpdateBackup;
import dev.holdfast.application.backup.UploadBackup;
import dev.holdfast.application.backup.VerifyBackup;
import dev.holdfast.application.location.ConfirmLocation;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.application.overview.ListDatabases;
import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.PlanService;
import dev.holdfast.application.stores.ConfirmStore;

/**
 * All that is served.
 *
 * @param audit counts refused calls; the use cases record themselves
 */
public record UseCases(
        CreateBackup create,
        ListBackups list,
        FindBackup find,
        UpdateBackup update,
        DeleteBackup delete,
        RestoreBackup restore,
        VerifyBackup verify,
        RunRestoreDrill drill,
        OpenBackup open,
        UploadBackup upload,
        Operations operations,
        ListDatabases databases,
        PlanService plans,
        PruneBackups expire,
        ResumeRetention resumeRetention,
        ConfirmStore confirmStore,
        ConfirmLocation confirmLocation,
        Audit audit) {}
