using System.ComponentModel.DataAnnotations;

namespace LmmRec.Train.Recommenders;

/// <summary>Hyper-parameters of matrix factorisation: <see cref="Bpr"/> and <see cref="Vbpr"/>.</summary>
public sealed record FactorizationOptions : RecommenderOptions
{
    /// <summary>Weight λ of the regulariser; default 0.01; 0 to 100. MMRec's grid: 2, 1, 0.1, 0.01, 0.001, 0.0001, 0.00001.</summary>
    [Range(0.0, 100.0)]
    public double Reg { get; init; } = 1e-2;
}
