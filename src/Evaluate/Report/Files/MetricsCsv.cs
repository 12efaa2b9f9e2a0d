using System.Globalization;
using System.Text;

namespace LmmRec.Evaluate.Report.Files;

/// <summary>The means of all metrics, cases and data sets as one CSV file; values are not rounded.</summary>
internal static class MetricsCsv
{
    public static string Of(Study study)
    {
        var text = new StringBuilder("dataset,case,recommender,encoder,paradigm,modalities,seed,split,group,metric,cutoff,users,value\n");
        foreach (var evaluation in study.DataSets)
            foreach (var row in evaluation.Cases.SelectMany(measured => measured.MetricRows))
                text.AppendJoin(',', new object?[]
                {
                    evaluation.Dataset, row.Case, row.Recommender, row.Encoder, row.Paradigm, row.Modalities, row.Seed, row.Split, row.Group, row.Metric, row.Cutoff, row.Users, row.Value,
                }.Select(Field)).Append('\n');
        return text.ToString();
    }

    private static string Field(object? value)
    {
        var text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        return text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
