namespace LmmRec.Artifacts.Store;

/// <summary>What artifacts were made from, by the hashes in their recipes.</summary>
public static class Provenance
{
    /// <summary>
    /// <paramref name="roots"/>, and of <paramref name="all"/> those that they were made from, and so on. What a training started from (<see cref="Recipe.StartedFrom"/>) is
    /// not among them: it is not needed to go on with what came of it.
    /// </summary>
    public static HashSet<T> Closure<T>(IEnumerable<T> roots, IReadOnlyList<T> all, Func<T, Manifest> manifestOf)
    {
        var closure = roots.ToHashSet();
        var indices = new Dictionary<string, ILookup<string, T>>(); // of all by the hash over some tables, by these tables
        for (var next = new Queue<T>(closure); next.TryDequeue(out var artifact);)
        {
            var recipe = manifestOf(artifact).Recipe;
            foreach (var (name, hash) in recipe.Inputs)
                foreach (var input in By(recipe.Reads?.GetValueOrDefault(name))[hash].Where(closure.Add)) next.Enqueue(input);
        }
        return closure;

        ILookup<string, T> By(IReadOnlyList<string>? tables)
        {
            var key = tables is null ? "" : string.Join('\n', tables);
            if (!indices.TryGetValue(key, out var index)) indices[key] = index = all.ToLookup(artifact => manifestOf(artifact).ContentOf(tables));
            return index;
        }
    }
}
