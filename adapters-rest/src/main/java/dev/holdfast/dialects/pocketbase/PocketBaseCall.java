package dev.holdfast.dialects.pocketbase;

/** What was asked for, as far as failures are told differently. */
public enum PocketBaseCall {
    LIST("Failed to retrieve backup items."),
    CREATE("Failed to create backup."),
    UPLOAD("Failed to upload backup."),
    DELETE("Invalid or already deleted backup file."),
    RESTORE("Missing or invalid backup file."),
    DOWNLOAD("Something went wrong while processing your request."),
    SIGN_IN("Failed to authenticate."),
    SETTINGS("An error occurred while saving the new settings.");

    private final String failed;

    PocketBaseCall(String failed) {
        this.failed = failed;
    }

    public String failed() {
        return failed;
    }
}
