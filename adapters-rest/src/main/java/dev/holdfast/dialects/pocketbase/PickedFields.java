package dev.holdfast.dialects.pocketbase;

import io.micronaut.json.tree.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** {@code ?fields=a,b.c,d.*}: keeps only what is named, of each element where there are several. */
final class PickedFields {
    private static final int MOST = 100;
    private static final String ALL = "*";

    private PickedFields() {}

    /** @param fields as the client sent it; blank keeps all */
    static JsonNode of(JsonNode tree, String fields) {
        List<List<String>> paths = Stream.of(fields.split(",", -1))
                .map(it -> it.strip().split(":", 2)[0])
                .filter(it -> !it.isEmpty())
                .limit(MOST)
                .map(it -> List.of(it.split("\\.", -1)))
                .toList();
        return paths.isEmpty() ? tree : pick(tree, paths);
    }

    private static JsonNode pick(JsonNode tree, List<List<String>> paths) {
        if (tree.isArray()) {
            return JsonNode.createArrayNode(StreamSupport.stream(tree.values().spliterator(), false)
                    .map(it -> pick(it, paths))
                    .toList());
        }
        if (!tree.isObject()) {
            return tree;
        }
        var picked = new LinkedHashMap<String, JsonNode>();
        for (Map.Entry<String, JsonNode> member : tree.entries()) {
            List<List<String>> below = new ArrayList<>();
            boolean whole = false;
            for (List<String> path : paths) {
                if (path.getFirst().equals(member.getKey()) || path.getFirst().equals(ALL)) {
                    whole |= path.size() == 1;
                    below.add(path.subList(1, path.size()));
                }
            }
            if (whole) {
                picked.put(member.getKey(), member.getValue());
            } else if (!below.isEmpty()) {
                picked.put(member.getKey(), pick(member.getValue(), below));
            }
        }
        return JsonNode.createObjectNode(picked);
    }
}
