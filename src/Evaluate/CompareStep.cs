using System.Text.Json.Nodes;
using LmmRec.Artifacts;
using LmmRec.Artifacts.Configuration;
using LmmRec.Artifacts.Steps;
using LmmRec.Evaluate.Cases;
using LmmRec.Evaluate.Statistics;
using LmmRec.Ranking;

namespace LmmRec.Evaluate;

/// <summary>Compares the cases of a data set that are there: table tests, and the order of the cases.</summary>
internal static class CompareStep
{
    /// <param name="options">cut-offs and comparison</param>
    /// <param name="inputs">the artifacts of the measured cases by the name of the input; those that the step has are compared</param>
    /// <param name="context">where the tests go</param>
    /// <param name="cancellation">stops between pairs</param>
    /// <exception cref="InvalidInputException">A case was measured on other users than the first one.</exception>
    public static async Task RunAsync(EvaluateOptions options, IReadOnlyDictionary<string, string> inputs, StepContext context, CancellationToken cancellation)
    {
        var measured = new List<MeasuredCase>();
        foreach (var folder in inputs.Where(input => context.Has(input.Key)).Select(input => input.Value))
        {
            measured.Add(await MeasuredCase.ReadAsync(folder, options.Cutoffs, modelFolder: null, cancellation));
            if (!measured[^1].Test.Users.SequenceEqual(measured[0].Test.Users))
                throw new InvalidInputException(
                    $"case '{measured[^1].Case.Name}' was measured on {measured[^1].Test.Users.Count} users and case '{measured[0].Case.Name}' on {measured[0].Test.Users.Count} "
                    + $"that are not the same, so they cannot be compared; delete {folder} and run evaluate again");
        }
        var cases = Evaluation.BestFirst(measured);
        foreach (var cutoff in options.Cutoffs.Where(cutoff => Evaluation.TellsNothing(cases, cutoff)))
            context.Progress.Note($"warning: {MetricNames.Display(RankingMetric.Recall.InTables(), cutoff)} is 1 for every user of every case and tells nothing apart, as where no user has more than {cutoff} candidates: lower evaluate.cutoffs");
        var tests = options.Compare == Comparison.Paired ? PairwiseTests.Of(cases, options.Margin, context.Threads, cancellation) : [];
        await context.Output.WriteTableAsync(tests, cancellation);
        context.Output.Facts[Evaluation.OrderFact] = new JsonArray([.. cases.Select(c => (JsonNode)c.Case.Name)]);
        context.Output.Facts["compared"] = ConfigurationBinder.NameOf(options.Compare); // of two users or fewer there are no tests either way, and the report says why
        context.Output.Facts["users"] = cases[0].Test.Users.Count;
    }
}
