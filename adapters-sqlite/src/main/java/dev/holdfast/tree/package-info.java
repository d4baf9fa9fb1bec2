/** Directory trees, as far as both those who fill them and those who exchange them need to know. */
@NullMarked
package dev.holdfast.tree;

import org.jspecify.annotations.NullMarked;
