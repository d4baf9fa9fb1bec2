package dev.holdfast.application.access;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Remembers what it was asked; keeps nothing secret. */
public class PlainHashing implements PasswordHashing {
    final List<String> compared = new CopyOnWriteArrayList<>();

    @Override
    public String hash(String password) {
        return "plain:" + password;
    }

    @Override
    public boolean matches(String password, String hash) {
        compared.add(password);
        return hash.equals("plain:" + password);
    }
}
