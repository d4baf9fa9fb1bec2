/**
 * What the APIs in other systems' words share. Each lies under {@code /<id>/api}, and one of them may answer at {@code
 * /api} too. A dialect is a package beside this one with controllers under its prefix and two beans: {@link
 * dev.holdfast.rest.dialect.DialectAnswers} for how its answers look, and {@link
 * dev.holdfast.rest.dialect.DialectAccess} for how its clients show who they are.
 */
@NullMarked
package dev.holdfast.rest.dialect;

import org.jspecify.annotations.NullMarked;
