using LmmRec.Artifacts.Store;

namespace LmmRec.Evaluate.Report.Sections;

/// <summary>The artifacts that the page was made from: steps, options, versions and hashes.</summary>
internal static class ManifestSection
{
    // A grid can have many settings.
    private const int LongestOptions = 2000;

    public static Html Of(Evaluation evaluation)
    {
        var folders = evaluation.Folders;
        var manifests = new[] { folders.Ingest }.Concat(Ordered(folders.Features)).Concat(Ordered(folders.Models))
            .Concat(evaluation.Cases.Select(c => c.EvaluationFolder).Order(StringComparer.Ordinal)).Append(folders.Comparison)
            .Select(Manifest.TryRead).OfType<Manifest>().ToList();
        return Html.Of($"""
            {Frame.Of("Artifacts", Html.Of($"""
                <table class="runtime">
                {Head.Of(["Step", "Code", "Recipe", "Content", "Made by"], [])}
                <tbody>{manifests.Select(manifest => Html.Of($"""
                    <tr><th scope="row">{manifest.Recipe.Step}</th><td>{manifest.Recipe.CodeVersion}</td><td><code>{manifest.Fingerprint[..12]}</code></td><td><code>{manifest.Content[..12]}</code></td>
                    <td>{string.Join(", ", manifest.Runtime.Select(part => $"{part.Key} {part.Value}"))}</td></tr>
                    """))}</tbody>
                </table>
                """), manifests.Count > 15 ? "tall" : "")}
            <p class="note">The first 12 digits of two SHA-256: of the recipe, which is all that determines the bytes, and of the content. <code>lmmrec verify</code> recomputes them.</p>
            <details><summary>Options of every step</summary>
            {Frame.Of("Options of every step", Html.Of($"<pre>{string.Join('\n', manifests.Select(Options))}</pre>"), "tall")}
            <p class="note">What is cut short stands in the artifact's manifest as a whole.</p>
            </details>
            """);
    }

    private static IEnumerable<string> Ordered(IReadOnlyDictionary<string, string> folders) => folders.OrderBy(folder => folder.Key, StringComparer.Ordinal).Select(folder => folder.Value);

    private static string Options(Manifest manifest) => $"{manifest.Recipe.Step} {Short.Of(manifest.Recipe.Options.ToJsonString(), LongestOptions)}";
}
