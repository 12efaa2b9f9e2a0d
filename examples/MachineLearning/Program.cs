// Reads a feature store by ML.NET and asks of its picture vectors what they know of the items' categories:
//   dotnet run -c Release --project examples/MachineLearning -- artifacts/sample/ingest artifacts/sample/features/clip-small
using System.Diagnostics;
using System.Globalization;
using LmmRec.Artifacts.Tables;
using LmmRec.MachineLearning;
using Microsoft.ML;
using Microsoft.ML.Data;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var (ingest, store) = (args[0], args[1]);
var ml = new MLContext(seed: 7);

// One call opens a table. An item without a picture has a vector of NaN, which ML.NET takes for missing.
var items = ml.Data.LoadTable<ItemRow>(ingest);
var features = ml.Data.FilterRowsByMissingValues(ml.Data.LoadTable<FeatureRow>(store), "visual");
Console.WriteLine($"{store}: visual is {features.Schema["visual"].Type}");

// What an item is stands in another table, which is looked up by the item's id.
var named = ml.Transforms.CustomMapping<Item, Category>((item, category) => category.Name = item.Categories.LastOrDefault(""), contractName: null).Fit(items).Transform(items);
var labelled = ml.Transforms.Conversion.MapValue("category", named, named.Schema["item_id"], named.Schema["category"], "item_id")
    .Append(ml.Transforms.Conversion.MapValueToKey("Label", "category"))
    .Fit(features).Transform(features);
var parts = ml.Data.TrainTestSplit(labelled, testFraction: 0.2);

var components = ml.Transforms.ProjectToPrincipalComponents("components", "visual", rank: 8).Fit(parts.TrainSet);
Console.WriteLine($"PCA: components is {components.Transform(parts.TestSet).Schema["components"].Type}");

var kMeans = ml.Clustering.Trainers.KMeans("visual", numberOfClusters: 4).Fit(parts.TrainSet);
var clusters = ml.Clustering.Evaluate(kMeans.Transform(parts.TestSet), labelColumnName: "Label", featureColumnName: "visual");
Console.WriteLine($"KMeans: normalised mutual information with the categories {clusters.NormalizedMutualInformation:0.000}");

var sdca = ml.MulticlassClassification.Trainers.SdcaMaximumEntropy("Label", "visual", maximumNumberOfIterations: 10).Fit(parts.TrainSet);
Console.WriteLine($"SDCA: accuracy {ml.MulticlassClassification.Evaluate(sdca.Transform(parts.TestSet)).MicroAccuracy:0.000}");

var lightGbm = ml.MulticlassClassification.Trainers.LightGbm("Label", "visual", numberOfLeaves: 8, minimumExampleCountPerLeaf: 5, numberOfIterations: 10).Fit(parts.TrainSet);
Console.WriteLine($"LightGBM: accuracy {ml.MulticlassClassification.Evaluate(lightGbm.Transform(parts.TestSet)).MicroAccuracy:0.000}");

using var process = Process.GetCurrentProcess();
Console.WriteLine($"peak memory: {process.PeakWorkingSet64 >> 20} MB");

internal sealed class Item
{
    [ColumnName("categories")]
    public string[] Categories { get; set; } = [];
}

internal sealed class Category
{
    [ColumnName("category")]
    public string Name { get; set; } = "";
}
