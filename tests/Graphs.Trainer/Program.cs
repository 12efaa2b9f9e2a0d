using System.Globalization;
using LmmRec.Artifacts;
using LmmRec.Graphs;
using LmmRec.Tests;

// Trains in the folder of the first argument up to the step of the second one, going on from the checkpoint that lies there; with a third
// argument, 'device', its state lies in the memory of a device without hardware. A checkpoint is written every three steps and at the end. Each
// step takes a line of input, whose end ends the program, and prints its number: KilledTrainingTests lets it run and kills it.
var (folder, last) = (args[0], long.Parse(args[1], CultureInfo.InvariantCulture));
if (!File.Exists(Path.Combine(folder, "training.json"))) TrainingArtifacts.Write(folder, Model(), Plan(), SeededRandom.For(7, "parameters"));

using var session = TrainingSession.Open(folder, args.Length > 2 ? new FakeDevice().Options : new RuntimeOptions { Threads = 2 });
var random = session.Load(folder).Random.TryGetValue("batches", out var state) ? new SeededRandom(state) : SeededRandom.For(7, "batches");
while (session.Steps < last && Console.ReadLine() is not null)
{
    float[] x = [.. Enumerable.Range(0, 16 * 8).Select(_ => (float)random.NextNormal())];
    long[] rows = [.. Enumerable.Range(0, 16).Select(_ => (long)random.NextInt32(50))];
    session.Step(new Batch { ["x"] = TensorData.Of(x, 16, 8), ["rows"] = TensorData.Of(rows) });
    if (session.Steps % 3 == 0 || session.Steps == last)
        session.Save(folder, new TrainingState(session.Steps) { Random = { ["batches"] = random.State } });
    Console.WriteLine(session.Steps);
}

static Graph Model()
{
    var g = new Graph("resumed");
    var hidden = g.Input("x", ElementType.Float32, ["batch", 8]).Linear(g.Parameter("w", [32, 8], Initializers.XavierUniform), g.Parameter("b", [32], Initializers.Zeros)).Gelu();
    var wanted = g.Parameter("table", [50, 32], Initializers.Normal(0.5))[g.Input("rows", ElementType.Int64, ["batch"])];
    g.Output("loss", (hidden - wanted).ReduceSumSquare() / hidden.SizeOf(0));
    return g;
}

static TrainingPlan Plan() => new()
{
    Optimizer = new Adam { WeightDecay = 0.01, Decoupled = true },
    Schedule = new CosineSchedule(0.01, TotalSteps: 40, WarmUpSteps: 4),
    MaxGradientNorm = 1,
};
