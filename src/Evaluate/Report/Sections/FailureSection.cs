using System.Text.Json.Nodes;
using LmmRec.Artifacts.Steps;
using LmmRec.Artifacts.Store;
using LmmRec.Artifacts.Tables;

namespace LmmRec.Evaluate.Report.Sections;

/// <summary>What could not be used or made, by cause; nothing where nothing failed.</summary>
internal static class FailureSection
{
    private const int MostCauses = 25, LongestReason = 300;

    /// <summary>The failures of a data set: what ingest could not use, and what encoders could not read.</summary>
    public static async Task<Html> OfAsync(Evaluation evaluation, CancellationToken cancellation)
    {
        var failures = await IngestAsync(evaluation.Folders.Ingest, cancellation);
        foreach (var (encoder, folder) in evaluation.Folders.Features.OrderBy(features => features.Key, StringComparer.Ordinal)) failures.AddRange(OfEncoder(encoder, folder));
        return Html.If(failures.Count > 0, $"""
            {Frame.Of("Failures by cause", Html.Of($"""
                <table>
                {Head.Of(["What", "Cause"], ["Number"])}
                <tbody>{failures.Take(MostCauses).Select(failure => Html.Of($"""
                    <tr><th scope="row">{failure.What}</th><td>{Short.Of(failure.Cause, LongestReason)}</td><td class="number">{failure.Count:N0}</td></tr>
                    """))}</tbody>
                </table>
                """))}
            {Html.If(failures.Count > MostCauses, $"""<p class="note">{failures.Count - MostCauses:N0} rarer causes are in the table <code>failures</code> of ingest.</p>""")}
            """);
    }

    /// <summary>The steps that failed, each with those that it kept from running.</summary>
    public static Html Of(IReadOnlyList<FailedStep> all)
    {
        var failed = FailedGroup.Of(all);
        return Html.If(failed.Count > 0, $"""
            {Frame.Of("Steps that failed", Html.Of($"""
                <table>
                {Head.Of(["Step", "Cause", "Message"], [])}
                <tbody>{failed.Take(MostCauses).Select(group => Html.Of($"""
                    <tr><th scope="row">{group.Step.Step}</th><td>{group.Step.Cause}</td><td>{Short.Of(group.Step.Message, LongestReason)}{Html.If(group.Others.Count > 0, $"<small>{group.Sentence}</small>")}</td></tr>
                    """))}</tbody>
                </table>
                """))}
            <p class="note">What they would have made is missing from this page{Html.If(failed.Count > MostCauses, $"; {failed.Count - MostCauses:N0} more failed")}.</p>
            """);
    }

    /// <summary>The trainings that ended before they were to.</summary>
    public static Html Of(IReadOnlyList<StoppedTraining> stopped) => Html.If(stopped.Count > 0, $"""
        {Frame.Of("Trainings that were stopped", Html.Of($"""
            <table>
            {Head.Of(["Step", "What happened"], [])}
            <tbody>{stopped.Take(MostCauses).Select(training => Html.Of($"""
                <tr><th scope="row">{training.Step}</th><td>{Short.Of(training.Why, LongestReason)}</td></tr>
                """))}</tbody>
            </table>
            """))}
        <p class="note">What was kept is measured as any other{Html.If(stopped.Count > MostCauses, $"; {stopped.Count - MostCauses:N0} more were stopped")}.</p>
        """);

    private static async Task<List<(string What, string Cause, long Count)>> IngestAsync(string ingest, CancellationToken cancellation)
    {
        var counts = new Dictionary<(string, string), long>();
        var path = TableFile.PathOf<FailureRow>(ingest);
        if (File.Exists(path))
            await foreach (var row in TableFile.StreamAsync<FailureRow>(path, cancellation)) counts[(row.Kind, row.Reason)] = counts.GetValueOrDefault((row.Kind, row.Reason)) + 1;
        return [.. counts.OrderByDescending(cause => cause.Value).ThenBy(cause => cause.Key).Select(cause => (cause.Key.Item1, cause.Key.Item2, cause.Value))];
    }

    private static IEnumerable<(string, string, long)> OfEncoder(string encoder, string folder)
    {
        if (Manifest.TryRead(folder) is not { Facts: var facts }) yield break;
        foreach (var part in new[] { "visual", "textual" })
            foreach (var (status, count) in facts[part] as JsonObject ?? [])
                if (status != FeatureStatus.Ok && (long?)count is > 0 and var items) yield return ($"{part} vector of {encoder}", status, items);
    }
}
